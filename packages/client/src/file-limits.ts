import { AssistantError } from '@use-assistant/protocol';

/** What is checked before a byte of a file is sent. */
export interface FileLimits {
  /** As the `accept` of a file input: `.csv,image/*,application/pdf`. */
  accept?: string | undefined;
  /** Bytes. */
  maxFileSize?: number | undefined;
  /** How many files one message may carry. */
  maxFiles?: number | undefined;
}

interface FileFacts {
  name: string;
  type: string;
  size: number;
  isEmpty?: boolean;
}

/** Whether a file input with this `accept` would offer the file. */
export function isAccepted({ name, type }: FileFacts, accept: string): boolean {
  const tokens = accept.toLowerCase().split(',');
  return tokens.some((text) => {
    const token = text.trim();
    if (token.startsWith('.')) return name.toLowerCase().endsWith(token);
    if (token === '*' || token === '*/*') return true;
    const mediaType = type.toLowerCase().split(';')[0]!.trim();
    return token.endsWith('/*')
      ? mediaType.startsWith(token.slice(0, -1))
      : token !== '' && mediaType === token;
  });
}

/** Why the file may not be sent; undefined when it may. `count` is how many the message carries already. */
export function refuseFile(file: FileFacts, count: number, limits: FileLimits): AssistantError | undefined {
  const { accept, maxFileSize, maxFiles } = limits;
  if (maxFiles !== undefined && count >= maxFiles) {
    return new AssistantError(
      'too_many_files',
      `A message can carry ${maxFiles} ${maxFiles === 1 ? 'file' : 'files'}.`,
    );
  }
  if (file.isEmpty) return new AssistantError('bad_request', `${file.name} is empty.`);
  if (maxFileSize !== undefined && file.size > maxFileSize) {
    return new AssistantError('file_too_large', `${file.name} is larger than ${formatBytes(maxFileSize)}.`);
  }
  if (accept && !isAccepted(file, accept)) {
    return new AssistantError(
      'file_type_refused',
      `${file.name} is not a type of file that can be sent here.`,
    );
  }
  return undefined;
}

function formatBytes(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${Math.round(value * 10) / 10} ${units[unit]}`;
}
