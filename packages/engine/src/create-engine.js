import { pyodide } from '@use-assistant/interpreter';
import { wrapLanguageModel } from 'ai';
import OpenAI from 'openai';
import { createApp } from './http/app.js';
import { ApiError } from './http/errors.js';
import { createId } from './ids.js';
import { consoleLog } from './log.js';
import { resolveModel } from './models/resolve-model.js';
import { EventLog } from './runs/event-log.js';
import { RunKeeper } from './runs/run-keeper.js';
import { createLocalQueue } from './runs/run-queue.js';
import { StorageError } from './storage/port.js';
import { sqlite } from './storage/sqlite.js';
import { CodeSessions } from './tools/code-interpreter.js';
/**
 * Makes an engine. The storage is opened at once; requests wait for it, and are answered with the reason when it cannot
 * be opened.
 */
export function createEngine(options = {}) {
    const opening = openEngine(options, toModels(options.model));
    opening.catch(() => { });
    let closing;
    const engine = {
        async fetch(input, init) {
            const request = input instanceof Request && init === undefined ? input : new Request(input, withDuplex(init));
            request.signal.throwIfAborted();
            if (closing)
                return errorResponse('The engine is closed.');
            let open;
            try {
                open = await opening;
            }
            catch (error) {
                return errorResponse(error instanceof StorageError ? error.message : 'The engine could not be started.');
            }
            return open.app.fetch(request);
        },
        openai: () => new OpenAI({
            apiKey: options.apiKey ?? 'none',
            baseURL: 'http://engine.local/v1',
            fetch: (input, init) => engine.fetch(input, init),
            // Nothing between the two can fail for a moment.
            maxRetries: 0,
        }),
        async ready() {
            await opening;
        },
        close() {
            return (closing ??= close(opening));
        },
    };
    return engine;
}
async function openEngine(options, model) {
    const log = options.log ?? consoleLog;
    const storage = await (options.storage ?? sqlite('.data')).open();
    const owner = createId('owner');
    const context = {
        database: storage.database,
        blobs: storage.blobs,
        events: new EventLog(storage.database, (error) => {
            log('error', 'Events could not be stored.', { cause: String(error) });
        }),
        runs: createLocalQueue(owner, () => context),
        get keeper() {
            return keeper;
        },
        code: new CodeSessions(() => options.codeInterpreter ?? pyodide(), storage.blobs),
        model,
        log,
    };
    const keeper = new RunKeeper(context);
    try {
        await keeper.start();
    }
    catch (error) {
        await storage.close();
        throw error;
    }
    return { context, app: createApp(context, options.apiKey), storage };
}
async function close(opening) {
    const open = await opening.catch(() => undefined);
    if (!open)
        return;
    const { context, storage } = open;
    await context.runs.close();
    await context.events.close();
    await context.keeper.close();
    await context.code.close();
    await storage.close();
}
function toModels(model) {
    if (typeof model === 'function')
        return async (modelId) => toV4(await model(modelId));
    if (model) {
        const one = toV4(model);
        return async () => one;
    }
    const environment = resolveModel(process.env);
    return async (modelId) => environment.resolve(modelId);
}
/** Older models are spoken to through the AI SDK's own adapter. */
function toV4(model) {
    if (model.specificationVersion === 'v4')
        return model;
    return wrapLanguageModel({ model, middleware: [] });
}
/** A streamed body needs `duplex`, which clients of a plain `fetch` leave out. */
function withDuplex(init) {
    return init?.body instanceof ReadableStream ? { duplex: 'half', ...init } : init;
}
function errorResponse(message) {
    return Response.json(new ApiError(503, message).toBody(), {
        status: 503,
        headers: { 'x-should-retry': 'false' },
    });
}
//# sourceMappingURL=create-engine.js.map