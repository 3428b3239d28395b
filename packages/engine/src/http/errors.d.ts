import type { ContentfulStatusCode } from 'hono/utils/http-status';
/** An error as the API answers it: `{ error: { message, type, param, code } }` with a status. */
export declare class ApiError extends Error {
  readonly name = 'ApiError';
  readonly status: ContentfulStatusCode;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
  constructor(
    status: ContentfulStatusCode,
    message: string,
    details?: {
      type?: string;
      param?: string | null;
      code?: string | null;
    },
  );
  toBody(): {
    error: {
      message: string;
      type: string;
      param: string | null;
      code: string | null;
    };
  };
}
/** The request asks for something illegal: 400. */
export declare function badRequest(message: string, param?: string | null, code?: string | null): ApiError;
/** There is no such object: 404, in OpenAI's words. */
export declare function notFound(
  kind: 'assistant' | 'thread' | 'message' | 'run' | 'run step',
  id: string,
): ApiError;
/** There is no such file: 404, in OpenAI's words. */
export declare function fileNotFound(id: string): ApiError;
/** The object, or its 404. */
export declare function found<T>(object: T | undefined, kind: Parameters<typeof notFound>[0], id: string): T;
/** What is told of any error: our own are told as they are, of others only that they happened. */
export declare function toApiError(error: unknown): ApiError;
//# sourceMappingURL=errors.d.ts.map
