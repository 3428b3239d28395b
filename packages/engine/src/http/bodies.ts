import { z } from 'zod';
import { newToolResourcesSchema } from './tool-resources.ts';
import { metadataSchema } from './validation.ts';

/** Parts of request bodies that several routes share. Unknown keys are refused throughout. */

const toolTypes = ['code_interpreter', 'function', 'file_search'] as const;

const functionSchema = z.strictObject({
  name: z.string().regex(/^[\w-]{1,64}$/, 'a function name has 1 to 64 letters, digits, "_" and "-".'),
  description: z.string().optional(),
  parameters: z.record(z.string(), z.unknown()).optional(),
  strict: z.boolean().nullish(),
});

const fileSearchSchema = z.strictObject({
  max_num_results: z.number().int().min(1).max(50).optional(),
  ranking_options: z
    .strictObject({
      score_threshold: z.number().min(0).max(1),
      ranker: z.enum(['auto', 'default_2024_08_21']).optional(),
    })
    .optional(),
});

// The type is looked at first, so that a wrong one is answered with the list of those there are.
const toolSchema = z
  .looseObject({ type: z.enum(toolTypes) })
  .pipe(
    z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('code_interpreter') }),
      z.strictObject({ type: z.literal('file_search'), file_search: fileSearchSchema.optional() }),
      z.strictObject({ type: z.literal('function'), function: functionSchema }),
    ]),
  );

/** The model knows tools by name, those of the engine by their type: each name once. */
function refuseTwins(tools: z.output<typeof toolSchema>[], context: z.RefinementCtx): void {
  const names = new Set<string>();
  for (const [index, tool] of tools.entries()) {
    const name = tool.type === 'function' ? tool.function.name : tool.type;
    if (names.has(name)) {
      const path = tool.type === 'function' ? [index, 'function', 'name'] : [index, 'type'];
      context.addIssue({ code: 'custom', path, message: `there is another tool named '${name}'.` });
    }
    names.add(name);
  }
}

export const assistantToolsSchema = z.array(toolSchema).max(128).superRefine(refuseTwins);
export const runToolsSchema = z.array(toolSchema).max(20).superRefine(refuseTwins);

export const toolResourcesSchema = z
  .strictObject({
    code_interpreter: z.strictObject({ file_ids: z.array(z.string()).max(20).optional() }).optional(),
    file_search: z.strictObject({ vector_store_ids: z.array(z.string()).max(1).optional() }).optional(),
  })
  .nullish();

export const responseFormatSchema = z
  .union([
    z.literal('auto'),
    z.looseObject({ type: z.enum(['text', 'json_object', 'json_schema']) }).pipe(
      z.discriminatedUnion('type', [
        z.strictObject({ type: z.enum(['text', 'json_object']) }),
        z.strictObject({
          type: z.literal('json_schema'),
          json_schema: z.strictObject({
            name: z.string().regex(/^[\w-]{1,64}$/),
            description: z.string().optional(),
            schema: z.record(z.string(), z.unknown()).optional(),
            strict: z.boolean().nullish(),
          }),
        }),
      ]),
    ),
  ])
  .nullish();

export const toolChoiceSchema = z
  .union([
    z.enum(['none', 'auto', 'required']),
    z
      .looseObject({ type: z.enum(toolTypes) })
      .pipe(
        z.discriminatedUnion('type', [
          z.strictObject({ type: z.literal('function'), function: z.strictObject({ name: z.string() }) }),
          z.strictObject({ type: z.enum(['code_interpreter', 'file_search']) }),
        ]),
      ),
  ])
  .nullish();

export const temperatureSchema = z.number().min(0).max(2).nullish();
export const topPSchema = z.number().min(0).max(1).nullish();
export const reasoningEffortSchema = z
  .enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'])
  .nullish();

const detailSchema = z.enum(['auto', 'low', 'high']).optional();

const contentPartSchema = z.looseObject({ type: z.enum(['text', 'image_file', 'image_url']) }).pipe(
  z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('text'), text: z.string() }),
    z.strictObject({
      type: z.literal('image_file'),
      image_file: z.strictObject({ file_id: z.string(), detail: detailSchema }),
    }),
    z.strictObject({
      type: z.literal('image_url'),
      image_url: z.strictObject({ url: z.url({ protocol: /^(?:https?|data)$/ }), detail: detailSchema }),
    }),
  ]),
);

export const messageSchema = z.strictObject({
  role: z.enum(['user', 'assistant']),
  content: z.union([z.string(), z.array(contentPartSchema).min(1)]),
  attachments: z
    .array(
      z.strictObject({
        file_id: z.string(),
        tools: z.array(z.strictObject({ type: z.enum(['code_interpreter', 'file_search']) })).optional(),
      }),
    )
    .nullish(),
  metadata: metadataSchema,
});

export type MessageBody = z.output<typeof messageSchema>;

export const threadSchema = z.strictObject({
  messages: z.array(messageSchema).optional(),
  tool_resources: newToolResourcesSchema,
  metadata: metadataSchema,
});

export type ThreadBody = z.output<typeof threadSchema>;

const runFields = {
  assistant_id: z.string(),
  model: z.string().min(1).nullish(),
  instructions: z.string().max(256_000).nullish(),
  tools: runToolsSchema.nullish(),
  tool_choice: toolChoiceSchema,
  parallel_tool_calls: z.boolean().optional(),
  response_format: responseFormatSchema,
  temperature: temperatureSchema,
  top_p: topPSchema,
  max_prompt_tokens: z.number().int().min(256).nullish(),
  max_completion_tokens: z.number().int().min(256).nullish(),
  truncation_strategy: z
    .strictObject({
      type: z.enum(['auto', 'last_messages']),
      last_messages: z.number().int().min(1).nullish(),
    })
    .refine(({ type, last_messages: last }) => type === 'auto' || typeof last === 'number', {
      path: ['last_messages'],
      message: "say how many, as the type is 'last_messages'.",
    })
    .nullish(),
  metadata: metadataSchema,
  stream: z.boolean().nullish(),
};

export const runSchema = z.strictObject({
  ...runFields,
  additional_instructions: z.string().nullish(),
  additional_messages: z.array(messageSchema).nullish(),
  reasoning_effort: reasoningEffortSchema,
});

export const threadAndRunSchema = z.strictObject({
  ...runFields,
  thread: threadSchema.optional(),
  tool_resources: toolResourcesSchema,
});

export type RunBody = z.output<typeof runSchema>;

export const submitSchema = z.strictObject({
  tool_outputs: z.array(
    z.strictObject({ tool_call_id: z.string().optional(), output: z.string().optional() }),
  ),
  stream: z.boolean().nullish(),
});

export const metadataOnlySchema = z.strictObject({ metadata: metadataSchema });
