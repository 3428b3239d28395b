import { createAssistantHandler, type AssistantHandler } from '@use-assistant/server/next';
import { demoAssistant } from '../../../../lib/assistant.ts';
import { dataFolder } from '../../../../lib/data-folder.ts';
import { demoEngine } from '../../../../lib/engine.ts';
import { loadSecret } from '../../../../lib/secret.ts';
import { demoTools } from '../../../../lib/tools.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';
export const maxDuration = 600;

let made: AssistantHandler | undefined;

// Made at the first request: a build loads this module too, and must leave no data behind.
function handler(): AssistantHandler {
  return (made ??= createAssistantHandler({
    openai: demoEngine().openai(),
    assistant: demoAssistant(),
    tools: demoTools,
    secret: loadSecret(dataFolder()),
    // Whoever runs the demo owns the machine, so the page may say what its terminal says.
    onError(error) {
      // The engine has told the terminal of a failed run already, in one line.
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (!code.startsWith('run_')) console.error(error);
      return error instanceof Error ? error.message : undefined;
    },
  }));
}

export const GET = (request: Request) => handler().GET(request);
export const POST = (request: Request) => handler().POST(request);
export const PATCH = (request: Request) => handler().PATCH(request);
export const DELETE = (request: Request) => handler().DELETE(request);
