import type { LanguageModelV4Message, LanguageModelV4Prompt } from '@ai-sdk/provider';

/** English has about four letters a token, and other scripts about four bytes in UTF-8. */
const bytesPerToken = 4;
/** What stands around the words of a message. */
const tokensPerMessage = 4;
/** An image of the size that chat models look at. */
const tokensPerImage = 1000;

/**
 * About how many tokens a model makes of the prompt. Models count each in their own way, and a run may use any of them: the
 * estimate decides what is left out, never what is counted as used.
 */
export function estimatePrompt(prompt: LanguageModelV4Prompt): number {
  return prompt.reduce((sum, message) => sum + estimateMessage(message), 0);
}

/** About how many tokens the text has. */
export function estimateText(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / bytesPerToken);
}

function estimateMessage(message: LanguageModelV4Message): number {
  if (typeof message.content === 'string') return tokensPerMessage + estimateText(message.content);
  let sum = tokensPerMessage;
  for (const part of message.content) {
    if (part.type === 'text' || part.type === 'reasoning') sum += estimateText(part.text);
    else if (part.type === 'file') sum += tokensPerImage;
    else sum += estimateText(JSON.stringify(part));
  }
  return sum;
}
