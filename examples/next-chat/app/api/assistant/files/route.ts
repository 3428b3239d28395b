import { checkLength } from '../../../../lib/check-length.ts';
import { openai } from '../../../../lib/engine.ts';
import { fileReference } from '../../../../lib/file-ids.ts';
import { imageType } from '../../../../lib/image-type.ts';
import { Problem } from 'example-assistants';
import { route } from '../../../../lib/route.ts';

const largestUpload = 20 * 1024 ** 2;

/** Takes one file. It needs no thread: the next message says where it belongs. */
export const POST = route(async (request, owner) => {
  checkLength(request, largestUpload);
  const form = await request.formData().catch(() => undefined);
  const file = form?.get('file');
  if (!(file instanceof File)) throw new Problem(400, 'There is no file in the request.');
  if (file.size === 0) throw new Problem(400, 'The file is empty.');
  const kept = await openai().files.create({ file, purpose: 'assistants' });
  const { filename: name, bytes: size } = kept;
  const mediaType = imageType(name) ?? 'application/octet-stream';
  return Response.json({ ...fileReference(kept.id, owner), name, size, mediaType }, { status: 201 });
});
