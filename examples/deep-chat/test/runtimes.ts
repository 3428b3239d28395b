import { EdgeVM } from '@edge-runtime/vm';
import { rolldown } from 'rolldown';
import { createRoute } from './edge-entry.ts';

/** A request as every realm can make it; a file is a name and its text. */
export interface Sent {
  headers: Record<string, string>;
  json?: unknown;
  parts?: [name: string, value: string | { name: string; text: string }][];
}

/** The route in a runtime. */
export type Send = (request: Sent) => Promise<Response>;

const makeRequest = `({ headers, json, parts }) => {
  const form = parts && new FormData();
  for (const [name, value] of parts ?? []) {
    form.append(name, typeof value === 'string' ? value : new File([value.text], value.name, { type: 'text/plain' }));
  }
  const type = json === undefined ? {} : { 'content-type': 'application/json' };
  return new Request('http://chat.local/api/chat', {
    method: 'POST',
    headers: { ...type, ...headers },
    body: form ?? JSON.stringify(json),
  });
}`;

/** The route in each runtime, before the engine at this address. */
export const runtimes: Record<string, (engine: string) => Promise<Send>> = {
  async Node(engine) {
    const route = createRoute(engine);
    const make = new Function(`return ${makeRequest}`)() as (request: Sent) => Request;
    return (request) => route(make(request));
  },

  async 'the edge runtime'(engine) {
    const build = await rolldown({
      input: `${import.meta.dirname}/edge-entry.ts`,
      platform: 'browser',
      resolve: {
        conditionNames: ['@use-assistant/source', 'edge-light', 'worker', 'browser', 'import', 'default'],
      },
    });
    const { output } = await build.generate({ format: 'iife', name: 'entry', codeSplitting: false });
    await build.close();
    const vm = new EdgeVM();
    vm.evaluate(output[0].code);
    const start = vm.evaluate<(engine: string) => Send>(
      `(engine) => { const route = entry.createRoute(engine); const make = ${makeRequest}; return (request) => route(make(request)); }`,
    );
    return start(engine);
  },
};
