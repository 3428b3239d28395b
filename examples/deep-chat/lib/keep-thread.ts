interface RequestDetails {
  // oxlint-disable-next-line typescript/no-explicit-any -- as Deep Chat types it
  body: any;
  headers?: Record<string, string>;
}

/** Interceptors that carry the id of the thread in every request, JSON or multipart, and learn it from every answer. */
export function keepThread() {
  let threadId: string | undefined;
  return {
    requestInterceptor(details: RequestDetails): RequestDetails {
      if (threadId === undefined) return details;
      if (details.body instanceof FormData) details.body.append('thread_id', JSON.stringify(threadId));
      else details.body.thread_id = threadId;
      return details;
    },
    // oxlint-disable-next-line typescript/no-explicit-any -- as Deep Chat types it
    responseInterceptor(response: any): any {
      // An error names no thread; the conversation goes on in the one that it has.
      if (typeof response?.thread_id === 'string') threadId = response.thread_id;
      return response;
    },
  };
}
