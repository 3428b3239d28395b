import { createEngine, sqlite } from '@use-assistant/engine';
import { createAssistantHandler } from '@use-assistant/server/next';

const engine = createEngine({ storage: sqlite('.data') });

export const { GET, POST, PATCH, DELETE } = createAssistantHandler({
  openai: engine.openai(),
  assistant: {
    name: 'Math tutor',
    instructions: 'You are a personal math tutor. Answer by writing and running Python.',
    tools: [{ type: 'code_interpreter' }],
  },
});
