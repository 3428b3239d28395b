import { describe, expect, it } from 'vitest';
import { StreamData } from './stream-data.ts';

async function chunksOf(work: (data: StreamData) => Promise<void> | void): Promise<object[]> {
  const data = new StreamData();
  await work(data);
  await data.close();
  const chunks: object[] = [];
  for await (const chunk of data.stream) chunks.push(chunk);
  return chunks;
}

describe('StreamData alone', () => {
  it('is a stream of the chunks that were appended', async () => {
    const chunks = await chunksOf((data) => {
      data.append({ a: 1 });
      data.appendMessageAnnotation('note');
    });
    expect(chunks).toEqual([
      { type: 'data-value', data: { a: 1 } },
      { type: 'data-annotation', data: 'note' },
    ]);
  });

  it('attaches files as data URLs, images also as file parts', async () => {
    const chunks = await chunksOf(async (data) => {
      await data.appendFile('a.csv', 'a,b\n1,2\n');
      await data.appendFile('a.svg', new Blob(['<svg></svg>']));
    });
    expect(chunks).toMatchObject([
      {
        type: 'data-file',
        data: {
          name: 'a.csv',
          mediaType: 'text/csv',
          size: 8,
          url: `data:text/csv;base64,${btoa('a,b\n1,2\n')}`,
        },
      },
      { type: 'data-file', data: { name: 'a.svg', mediaType: 'image/svg+xml' } },
      { type: 'file', mediaType: 'image/svg+xml', providerMetadata: { assistant: { filename: 'a.svg' } } },
    ]);
  });

  it('waits with its end for files on their way, and refuses what comes after', async () => {
    const data = new StreamData();
    const file = data.appendFile('a.txt', 'hello');
    await data.close();
    await file;
    expect(() => data.append(1)).toThrow(/closed/);
    const types: string[] = [];
    for await (const chunk of data.stream) types.push(chunk.type);
    expect(types).toEqual(['data-file']);
  });
});
