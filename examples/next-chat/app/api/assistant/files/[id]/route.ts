import { create as contentDisposition } from 'content-disposition';
import { openai } from '../../../../../lib/engine.ts';
import { verifyFileId } from '../../../../../lib/file-ids.ts';
import { imageType } from '../../../../../lib/image-type.ts';
import { route } from '../../../../../lib/route.ts';

/** A file of the visitor, uploaded or made by a run: its bytes, as an attachment that no browser runs. */
export const GET = route<{ id: string }>(async ({ signal }, owner, { id }) => {
  const { files } = openai();
  const fileId = verifyFileId(id, owner);
  const { filename } = await files.retrieve(fileId);
  const { body } = await files.content(fileId, { signal });
  return new Response(body, {
    headers: {
      'content-type': imageType(filename) ?? 'application/octet-stream',
      'content-disposition': contentDisposition(filename),
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, max-age=3600',
    },
  });
});

/** The hook lets go of a file that was taken out of the form again. */
export const DELETE = route<{ id: string }>(async (_request, owner, { id }) => {
  await openai().files.delete(verifyFileId(id, owner));
  return new Response(null, { status: 204 });
});
