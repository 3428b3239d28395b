import { toProblem } from 'example-assistants';
import { NotFoundError } from 'openai';
import { nothingHere } from './nothing-here.ts';
import { ownerOf } from './visitor.ts';

type Answer<Params> = (request: Request, owner: string, params: Params) => Promise<Response>;

/** A route that knows who asks, and says what goes wrong as the hook reads it. */
export function route<Params = unknown>(answer: Answer<Params>) {
  return async (request: Request, { params }: { params: Promise<Params> }): Promise<Response> => {
    try {
      return await answer(request, ownerOf(request), await params);
    } catch (error) {
      const { status, message } = error instanceof NotFoundError ? nothingHere() : toProblem(error);
      return Response.json({ error: { message } }, { status });
    }
  };
}
