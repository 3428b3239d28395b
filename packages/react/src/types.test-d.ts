import { jsonSchema, tool } from 'ai';
import { createAssistantHandler } from '@use-assistant/server';
import type { AssistantHandler } from '@use-assistant/server';
import type { AssistantTypes, AssistantTypesOf } from './index.ts';
import { useAssistant } from './index.ts';

// Not run but compiled: each @ts-expect-error is a test that fails when the line below it compiles.

const tools = {
  getRoomTemperature: tool({
    inputSchema: jsonSchema<{ room: string }>({ type: 'object' }),
    outputSchema: jsonSchema<{ celsius: number }>({ type: 'object' }),
  }),
};

interface Types extends AssistantTypes {
  tools: typeof tools;
  data: { weather: { city: string } };
  metadata: { score: number };
}

export function Typed() {
  const { messages, addToolOutput, setMessages } = useAssistant<Types>({
    onToolCall({ toolCall }) {
      if (toolCall.toolName === 'getRoomTemperature') {
        toolCall.input.room.toUpperCase();
        // @ts-expect-error the input has no such field
        void toolCall.input.floor;
      }
      // @ts-expect-error there is no tool of this name
      return toolCall.toolName === 'getRoomTemprature';
    },
    onData(chunk) {
      if (chunk.type === 'data-weather') chunk.data.city.toUpperCase();
      // @ts-expect-error there is no data part of this name
      return chunk.type === 'data-wether';
    },
    onFinish: ({ message }) => message.metadata?.score.toFixed(),
  });

  void addToolOutput({ tool: 'getRoomTemperature', toolCallId: 'c', output: { celsius: 22 } });
  void addToolOutput({ tool: 'getRoomTemperature', toolCallId: 'c', state: 'output-error', errorText: 'x' });
  // @ts-expect-error there is no tool of this name
  void addToolOutput({ tool: 'getRoom', toolCallId: 'c', output: { celsius: 22 } });
  // @ts-expect-error this is not what the tool gives
  void addToolOutput({ tool: 'getRoomTemperature', toolCallId: 'c', output: { fahrenheit: 72 } });

  const { sendMessage } = useAssistant<Types>();
  void sendMessage({ parts: [{ type: 'data-weather', data: { city: 'Oslo' } }], metadata: { score: 1 } });
  // @ts-expect-error there is no data part of this name
  void sendMessage({ parts: [{ type: 'data-wether', data: { city: 'Oslo' } }] });

  setMessages((before) => before.filter(({ metadata }) => (metadata?.score ?? 0) > 1));
  for (const { parts, metadata, content } of messages) {
    content.toUpperCase();
    metadata?.threadId?.toUpperCase();
    // @ts-expect-error the metadata has no such field
    void metadata?.points;
    for (const part of parts) {
      if (part.type === 'tool-getRoomTemperature' && part.state === 'output-available')
        part.output.celsius.toFixed();
      if (part.type === 'tool-code_interpreter' && part.state === 'input-available')
        part.input.code.toUpperCase();
      if (part.type === 'data-weather') part.data.city.toUpperCase();
      if (part.type === 'data-file') part.data.url.toUpperCase();
      // @ts-expect-error there is no part of this type
      void (part.type === 'tool-getRoom');
      // @ts-expect-error there is no part of this type
      void (part.type === 'data-wether');
    }
  }
}

export function Untyped() {
  const { messages, addToolOutput } = useAssistant({ onToolCall: ({ toolCall }) => toolCall.input });
  void addToolOutput({ tool: 'anything', toolCallId: 'c', output: 1 });
  for (const part of messages.flatMap(({ parts }) => parts)) void (part.type === 'tool-anything');
  // @ts-expect-error a message has no such field
  void messages[0]?.text;
}

// As in a route file, of which a page imports the type alone.
const handler = createAssistantHandler({
  openai: () => Promise.reject(new Error('not run')),
  assistant: 'asst_1',
  tools: {
    ...tools,
    paint: tool({
      inputSchema: jsonSchema<{ room: string }>({ type: 'object' }),
      execute: async ({ room }) => ({ painted: room.length }),
    }),
    getPlace: tool({ inputSchema: jsonSchema<{ exact: boolean }>({ type: 'object' }) }),
  },
});
const { POST } = handler;

export function OfRoute() {
  const { messages, addToolOutput } = useAssistant<typeof handler>({
    onToolCall({ toolCall }) {
      if (toolCall.toolName === 'getPlace') void toolCall.input.exact;
      // @ts-expect-error the route has no tool of this name
      return toolCall.toolName === 'getRoom';
    },
  });
  // A tool that names no output may have any.
  void addToolOutput({ tool: 'getPlace', toolCallId: 'c', output: { latitude: 1 } });
  // @ts-expect-error this is not what the tool gives
  void addToolOutput({ tool: 'paint', toolCallId: 'c', output: { painted: 'yes' } });
  for (const part of messages.flatMap(({ parts }) => parts)) {
    if (part.type === 'tool-paint' && part.state === 'output-available') part.output.painted.toFixed();
    if (part.type === 'tool-code_interpreter' && part.state === 'input-available')
      part.input.code.toUpperCase();
    // @ts-expect-error the route has no tool of this name
    void (part.type === 'tool-getRoom');
  }
}

export function OfMethodWithMore() {
  const { messages } = useAssistant<
    AssistantTypesOf<typeof POST> & { data: { weather: { city: string } }; metadata: { score: number } }
  >();
  for (const { parts, metadata } of messages) {
    metadata?.score.toFixed();
    for (const part of parts) {
      if (part.type === 'tool-getPlace' && part.state === 'input-available') void part.input.exact;
      if (part.type === 'data-weather') part.data.city.toUpperCase();
      // @ts-expect-error the route has no tool of this name
      void (part.type === 'tool-getRoom');
      // @ts-expect-error there is no part of this type
      void (part.type === 'data-wether');
    }
  }
}

export function OfRouteWithoutTools() {
  const { messages } = useAssistant<AssistantHandler>();
  for (const part of messages.flatMap(({ parts }) => parts)) void (part.type === 'tool-anything');
  // @ts-expect-error this has no types
  useAssistant<{ handler: string }>();
}
