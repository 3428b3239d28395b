const magic: Record<string, (bytes: Uint8Array) => boolean> = {
  png: (bytes) => startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  jpg: isJpeg,
  jpeg: isJpeg,
  gif: (bytes) => startsWith(bytes, [0x47, 0x49, 0x46, 0x38]),
  webp: (bytes) =>
    startsWith(bytes, [0x52, 0x49, 0x46, 0x46]) && startsWith(bytes.subarray(8), [0x57, 0x45, 0x42, 0x50]),
  svg: (bytes) => new TextDecoder().decode(bytes.subarray(0, 1_000)).includes('<svg'),
};

function isJpeg(bytes: Uint8Array): boolean {
  return startsWith(bytes, [0xff, 0xd8, 0xff]);
}

function startsWith(bytes: Uint8Array, start: number[]): boolean {
  return start.every((byte, index) => bytes[index] === byte);
}

/** Whether the file's name and its first bytes both say that it is an image which a browser shows. */
export function isImage(name: string, bytes: Uint8Array): boolean {
  const extension = /\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  return Object.hasOwn(magic, extension) && magic[extension]?.(bytes) === true;
}
