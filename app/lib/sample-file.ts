/** A small table with the flaws of real ones: a repeated row, holes, a word where a number should be. */
const address = '/samples/visitors.csv';

/** What the sample is good for. */
export const samplePrompt = 'Plot the trend and give me the cleaned data.';

/** The sample as a file, as if the person had picked it. */
export async function loadSampleFile(): Promise<File> {
  const response = await fetch(address);
  if (!response.ok) throw new Error('The sample file could not be loaded.');
  return new File([await response.blob()], 'visitors.csv', { type: 'text/csv' });
}
