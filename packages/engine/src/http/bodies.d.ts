import { z } from 'zod';
export declare const assistantToolsSchema: z.ZodArray<
  z.ZodPipe<
    z.ZodObject<
      {
        type: z.ZodEnum<{
          code_interpreter: 'code_interpreter';
          file_search: 'file_search';
          function: 'function';
        }>;
      },
      z.core.$loose
    >,
    z.ZodDiscriminatedUnion<
      [
        z.ZodObject<
          {
            type: z.ZodLiteral<'code_interpreter'>;
          },
          z.core.$strict
        >,
        z.ZodObject<
          {
            type: z.ZodLiteral<'file_search'>;
            file_search: z.ZodOptional<
              z.ZodObject<
                {
                  max_num_results: z.ZodOptional<z.ZodNumber>;
                  ranking_options: z.ZodOptional<
                    z.ZodObject<
                      {
                        score_threshold: z.ZodNumber;
                        ranker: z.ZodOptional<
                          z.ZodEnum<{
                            auto: 'auto';
                            default_2024_08_21: 'default_2024_08_21';
                          }>
                        >;
                      },
                      z.core.$strict
                    >
                  >;
                },
                z.core.$strict
              >
            >;
          },
          z.core.$strict
        >,
        z.ZodObject<
          {
            type: z.ZodLiteral<'function'>;
            function: z.ZodObject<
              {
                name: z.ZodString;
                description: z.ZodOptional<z.ZodString>;
                parameters: z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodUnknown>>;
                strict: z.ZodOptional<z.ZodNullable<z.ZodBoolean>>;
              },
              z.core.$strict
            >;
          },
          z.core.$strict
        >,
      ],
      'type'
    >
  >
>;
export declare const runToolsSchema: z.ZodArray<
  z.ZodPipe<
    z.ZodObject<
      {
        type: z.ZodEnum<{
          code_interpreter: 'code_interpreter';
          file_search: 'file_search';
          function: 'function';
        }>;
      },
      z.core.$loose
    >,
    z.ZodDiscriminatedUnion<
      [
        z.ZodObject<
          {
            type: z.ZodLiteral<'code_interpreter'>;
          },
          z.core.$strict
        >,
        z.ZodObject<
          {
            type: z.ZodLiteral<'file_search'>;
            file_search: z.ZodOptional<
              z.ZodObject<
                {
                  max_num_results: z.ZodOptional<z.ZodNumber>;
                  ranking_options: z.ZodOptional<
                    z.ZodObject<
                      {
                        score_threshold: z.ZodNumber;
                        ranker: z.ZodOptional<
                          z.ZodEnum<{
                            auto: 'auto';
                            default_2024_08_21: 'default_2024_08_21';
                          }>
                        >;
                      },
                      z.core.$strict
                    >
                  >;
                },
                z.core.$strict
              >
            >;
          },
          z.core.$strict
        >,
        z.ZodObject<
          {
            type: z.ZodLiteral<'function'>;
            function: z.ZodObject<
              {
                name: z.ZodString;
                description: z.ZodOptional<z.ZodString>;
                parameters: z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodUnknown>>;
                strict: z.ZodOptional<z.ZodNullable<z.ZodBoolean>>;
              },
              z.core.$strict
            >;
          },
          z.core.$strict
        >,
      ],
      'type'
    >
  >
>;
export declare const toolResourcesSchema: z.ZodOptional<
  z.ZodNullable<
    z.ZodObject<
      {
        code_interpreter: z.ZodOptional<
          z.ZodObject<
            {
              file_ids: z.ZodOptional<z.ZodArray<z.ZodString>>;
            },
            z.core.$strict
          >
        >;
        file_search: z.ZodOptional<
          z.ZodObject<
            {
              vector_store_ids: z.ZodOptional<z.ZodArray<z.ZodString>>;
            },
            z.core.$strict
          >
        >;
      },
      z.core.$strict
    >
  >
>;
export declare const responseFormatSchema: z.ZodOptional<
  z.ZodNullable<
    z.ZodUnion<
      readonly [
        z.ZodLiteral<'auto'>,
        z.ZodObject<
          {
            type: z.ZodEnum<{
              json_object: 'json_object';
              text: 'text';
            }>;
          },
          z.core.$strict
        >,
        z.ZodObject<
          {
            type: z.ZodLiteral<'json_schema'>;
            json_schema: z.ZodObject<
              {
                name: z.ZodString;
                description: z.ZodOptional<z.ZodString>;
                schema: z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodUnknown>>;
                strict: z.ZodOptional<z.ZodNullable<z.ZodBoolean>>;
              },
              z.core.$strict
            >;
          },
          z.core.$strict
        >,
      ]
    >
  >
>;
export declare const toolChoiceSchema: z.ZodOptional<
  z.ZodNullable<
    z.ZodUnion<
      readonly [
        z.ZodEnum<{
          auto: 'auto';
          none: 'none';
          required: 'required';
        }>,
        z.ZodObject<
          {
            type: z.ZodLiteral<'function'>;
            function: z.ZodObject<
              {
                name: z.ZodString;
              },
              z.core.$strict
            >;
          },
          z.core.$strict
        >,
        z.ZodObject<
          {
            type: z.ZodEnum<{
              code_interpreter: 'code_interpreter';
              file_search: 'file_search';
            }>;
          },
          z.core.$strict
        >,
      ]
    >
  >
>;
export declare const temperatureSchema: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
export declare const topPSchema: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
export declare const reasoningEffortSchema: z.ZodOptional<
  z.ZodNullable<
    z.ZodEnum<{
      high: 'high';
      low: 'low';
      max: 'max';
      medium: 'medium';
      minimal: 'minimal';
      none: 'none';
      xhigh: 'xhigh';
    }>
  >
>;
export declare const messageSchema: z.ZodObject<
  {
    role: z.ZodEnum<{
      assistant: 'assistant';
      user: 'user';
    }>;
    content: z.ZodUnion<
      readonly [
        z.ZodString,
        z.ZodArray<
          z.ZodPipe<
            z.ZodObject<
              {
                type: z.ZodEnum<{
                  image_file: 'image_file';
                  image_url: 'image_url';
                  text: 'text';
                }>;
              },
              z.core.$loose
            >,
            z.ZodDiscriminatedUnion<
              [
                z.ZodObject<
                  {
                    type: z.ZodLiteral<'text'>;
                    text: z.ZodString;
                  },
                  z.core.$strict
                >,
                z.ZodObject<
                  {
                    type: z.ZodLiteral<'image_file'>;
                    image_file: z.ZodObject<
                      {
                        file_id: z.ZodString;
                        detail: z.ZodOptional<
                          z.ZodEnum<{
                            auto: 'auto';
                            high: 'high';
                            low: 'low';
                          }>
                        >;
                      },
                      z.core.$strict
                    >;
                  },
                  z.core.$strict
                >,
                z.ZodObject<
                  {
                    type: z.ZodLiteral<'image_url'>;
                    image_url: z.ZodObject<
                      {
                        url: z.ZodURL;
                        detail: z.ZodOptional<
                          z.ZodEnum<{
                            auto: 'auto';
                            high: 'high';
                            low: 'low';
                          }>
                        >;
                      },
                      z.core.$strict
                    >;
                  },
                  z.core.$strict
                >,
              ],
              'type'
            >
          >
        >,
      ]
    >;
    attachments: z.ZodOptional<
      z.ZodNullable<
        z.ZodArray<
          z.ZodObject<
            {
              file_id: z.ZodString;
              tools: z.ZodOptional<
                z.ZodArray<
                  z.ZodObject<
                    {
                      type: z.ZodEnum<{
                        code_interpreter: 'code_interpreter';
                        file_search: 'file_search';
                      }>;
                    },
                    z.core.$strict
                  >
                >
              >;
            },
            z.core.$strict
          >
        >
      >
    >;
    metadata: z.ZodOptional<z.ZodNullable<z.ZodRecord<z.ZodString, z.ZodString>>>;
  },
  z.core.$strict
>;
export type MessageBody = z.output<typeof messageSchema>;
export declare const threadSchema: z.ZodObject<
  {
    messages: z.ZodOptional<
      z.ZodArray<
        z.ZodObject<
          {
            role: z.ZodEnum<{
              assistant: 'assistant';
              user: 'user';
            }>;
            content: z.ZodUnion<
              readonly [
                z.ZodString,
                z.ZodArray<
                  z.ZodPipe<
                    z.ZodObject<
                      {
                        type: z.ZodEnum<{
                          image_file: 'image_file';
                          image_url: 'image_url';
                          text: 'text';
                        }>;
                      },
                      z.core.$loose
                    >,
                    z.ZodDiscriminatedUnion<
                      [
                        z.ZodObject<
                          {
                            type: z.ZodLiteral<'text'>;
                            text: z.ZodString;
                          },
                          z.core.$strict
                        >,
                        z.ZodObject<
                          {
                            type: z.ZodLiteral<'image_file'>;
                            image_file: z.ZodObject<
                              {
                                file_id: z.ZodString;
                                detail: z.ZodOptional<
                                  z.ZodEnum<{
                                    auto: 'auto';
                                    high: 'high';
                                    low: 'low';
                                  }>
                                >;
                              },
                              z.core.$strict
                            >;
                          },
                          z.core.$strict
                        >,
                        z.ZodObject<
                          {
                            type: z.ZodLiteral<'image_url'>;
                            image_url: z.ZodObject<
                              {
                                url: z.ZodURL;
                                detail: z.ZodOptional<
                                  z.ZodEnum<{
                                    auto: 'auto';
                                    high: 'high';
                                    low: 'low';
                                  }>
                                >;
                              },
                              z.core.$strict
                            >;
                          },
                          z.core.$strict
                        >,
                      ],
                      'type'
                    >
                  >
                >,
              ]
            >;
            attachments: z.ZodOptional<
              z.ZodNullable<
                z.ZodArray<
                  z.ZodObject<
                    {
                      file_id: z.ZodString;
                      tools: z.ZodOptional<
                        z.ZodArray<
                          z.ZodObject<
                            {
                              type: z.ZodEnum<{
                                code_interpreter: 'code_interpreter';
                                file_search: 'file_search';
                              }>;
                            },
                            z.core.$strict
                          >
                        >
                      >;
                    },
                    z.core.$strict
                  >
                >
              >
            >;
            metadata: z.ZodOptional<z.ZodNullable<z.ZodRecord<z.ZodString, z.ZodString>>>;
          },
          z.core.$strict
        >
      >
    >;
    tool_resources: z.ZodOptional<
      z.ZodNullable<
        z.ZodObject<
          {
            code_interpreter: z.ZodOptional<
              z.ZodObject<
                {
                  file_ids: z.ZodOptional<z.ZodArray<z.ZodString>>;
                },
                z.core.$strict
              >
            >;
            file_search: z.ZodOptional<
              z.ZodObject<
                {
                  vector_store_ids: z.ZodOptional<z.ZodArray<z.ZodString>>;
                },
                z.core.$strict
              >
            >;
          },
          z.core.$strict
        >
      >
    >;
    metadata: z.ZodOptional<z.ZodNullable<z.ZodRecord<z.ZodString, z.ZodString>>>;
  },
  z.core.$strict
>;
export type ThreadBody = z.output<typeof threadSchema>;
export declare const runSchema: z.ZodObject<
  {
    assistant_id: z.ZodString;
    model: z.ZodOptional<z.ZodNullable<z.ZodString>>;
    instructions: z.ZodOptional<z.ZodNullable<z.ZodString>>;
    tools: z.ZodOptional<
      z.ZodNullable<
        z.ZodArray<
          z.ZodPipe<
            z.ZodObject<
              {
                type: z.ZodEnum<{
                  code_interpreter: 'code_interpreter';
                  file_search: 'file_search';
                  function: 'function';
                }>;
              },
              z.core.$loose
            >,
            z.ZodDiscriminatedUnion<
              [
                z.ZodObject<
                  {
                    type: z.ZodLiteral<'code_interpreter'>;
                  },
                  z.core.$strict
                >,
                z.ZodObject<
                  {
                    type: z.ZodLiteral<'file_search'>;
                    file_search: z.ZodOptional<
                      z.ZodObject<
                        {
                          max_num_results: z.ZodOptional<z.ZodNumber>;
                          ranking_options: z.ZodOptional<
                            z.ZodObject<
                              {
                                score_threshold: z.ZodNumber;
                                ranker: z.ZodOptional<
                                  z.ZodEnum<{
                                    auto: 'auto';
                                    default_2024_08_21: 'default_2024_08_21';
                                  }>
                                >;
                              },
                              z.core.$strict
                            >
                          >;
                        },
                        z.core.$strict
                      >
                    >;
                  },
                  z.core.$strict
                >,
                z.ZodObject<
                  {
                    type: z.ZodLiteral<'function'>;
                    function: z.ZodObject<
                      {
                        name: z.ZodString;
                        description: z.ZodOptional<z.ZodString>;
                        parameters: z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodUnknown>>;
                        strict: z.ZodOptional<z.ZodNullable<z.ZodBoolean>>;
                      },
                      z.core.$strict
                    >;
                  },
                  z.core.$strict
                >,
              ],
              'type'
            >
          >
        >
      >
    >;
    tool_choice: z.ZodOptional<
      z.ZodNullable<
        z.ZodUnion<
          readonly [
            z.ZodEnum<{
              auto: 'auto';
              none: 'none';
              required: 'required';
            }>,
            z.ZodObject<
              {
                type: z.ZodLiteral<'function'>;
                function: z.ZodObject<
                  {
                    name: z.ZodString;
                  },
                  z.core.$strict
                >;
              },
              z.core.$strict
            >,
            z.ZodObject<
              {
                type: z.ZodEnum<{
                  code_interpreter: 'code_interpreter';
                  file_search: 'file_search';
                }>;
              },
              z.core.$strict
            >,
          ]
        >
      >
    >;
    parallel_tool_calls: z.ZodOptional<z.ZodBoolean>;
    response_format: z.ZodOptional<
      z.ZodNullable<
        z.ZodUnion<
          readonly [
            z.ZodLiteral<'auto'>,
            z.ZodObject<
              {
                type: z.ZodEnum<{
                  json_object: 'json_object';
                  text: 'text';
                }>;
              },
              z.core.$strict
            >,
            z.ZodObject<
              {
                type: z.ZodLiteral<'json_schema'>;
                json_schema: z.ZodObject<
                  {
                    name: z.ZodString;
                    description: z.ZodOptional<z.ZodString>;
                    schema: z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodUnknown>>;
                    strict: z.ZodOptional<z.ZodNullable<z.ZodBoolean>>;
                  },
                  z.core.$strict
                >;
              },
              z.core.$strict
            >,
          ]
        >
      >
    >;
    temperature: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
    top_p: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
    max_prompt_tokens: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
    max_completion_tokens: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
    truncation_strategy: z.ZodOptional<
      z.ZodNullable<
        z.ZodObject<
          {
            type: z.ZodEnum<{
              auto: 'auto';
              last_messages: 'last_messages';
            }>;
            last_messages: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
          },
          z.core.$strict
        >
      >
    >;
    metadata: z.ZodOptional<z.ZodNullable<z.ZodRecord<z.ZodString, z.ZodString>>>;
    stream: z.ZodOptional<z.ZodNullable<z.ZodBoolean>>;
    additional_instructions: z.ZodOptional<z.ZodNullable<z.ZodString>>;
    additional_messages: z.ZodOptional<
      z.ZodNullable<
        z.ZodArray<
          z.ZodObject<
            {
              role: z.ZodEnum<{
                assistant: 'assistant';
                user: 'user';
              }>;
              content: z.ZodUnion<
                readonly [
                  z.ZodString,
                  z.ZodArray<
                    z.ZodPipe<
                      z.ZodObject<
                        {
                          type: z.ZodEnum<{
                            image_file: 'image_file';
                            image_url: 'image_url';
                            text: 'text';
                          }>;
                        },
                        z.core.$loose
                      >,
                      z.ZodDiscriminatedUnion<
                        [
                          z.ZodObject<
                            {
                              type: z.ZodLiteral<'text'>;
                              text: z.ZodString;
                            },
                            z.core.$strict
                          >,
                          z.ZodObject<
                            {
                              type: z.ZodLiteral<'image_file'>;
                              image_file: z.ZodObject<
                                {
                                  file_id: z.ZodString;
                                  detail: z.ZodOptional<
                                    z.ZodEnum<{
                                      auto: 'auto';
                                      high: 'high';
                                      low: 'low';
                                    }>
                                  >;
                                },
                                z.core.$strict
                              >;
                            },
                            z.core.$strict
                          >,
                          z.ZodObject<
                            {
                              type: z.ZodLiteral<'image_url'>;
                              image_url: z.ZodObject<
                                {
                                  url: z.ZodURL;
                                  detail: z.ZodOptional<
                                    z.ZodEnum<{
                                      auto: 'auto';
                                      high: 'high';
                                      low: 'low';
                                    }>
                                  >;
                                },
                                z.core.$strict
                              >;
                            },
                            z.core.$strict
                          >,
                        ],
                        'type'
                      >
                    >
                  >,
                ]
              >;
              attachments: z.ZodOptional<
                z.ZodNullable<
                  z.ZodArray<
                    z.ZodObject<
                      {
                        file_id: z.ZodString;
                        tools: z.ZodOptional<
                          z.ZodArray<
                            z.ZodObject<
                              {
                                type: z.ZodEnum<{
                                  code_interpreter: 'code_interpreter';
                                  file_search: 'file_search';
                                }>;
                              },
                              z.core.$strict
                            >
                          >
                        >;
                      },
                      z.core.$strict
                    >
                  >
                >
              >;
              metadata: z.ZodOptional<z.ZodNullable<z.ZodRecord<z.ZodString, z.ZodString>>>;
            },
            z.core.$strict
          >
        >
      >
    >;
    reasoning_effort: z.ZodOptional<
      z.ZodNullable<
        z.ZodEnum<{
          high: 'high';
          low: 'low';
          max: 'max';
          medium: 'medium';
          minimal: 'minimal';
          none: 'none';
          xhigh: 'xhigh';
        }>
      >
    >;
  },
  z.core.$strict
>;
export declare const threadAndRunSchema: z.ZodObject<
  {
    assistant_id: z.ZodString;
    model: z.ZodOptional<z.ZodNullable<z.ZodString>>;
    instructions: z.ZodOptional<z.ZodNullable<z.ZodString>>;
    tools: z.ZodOptional<
      z.ZodNullable<
        z.ZodArray<
          z.ZodPipe<
            z.ZodObject<
              {
                type: z.ZodEnum<{
                  code_interpreter: 'code_interpreter';
                  file_search: 'file_search';
                  function: 'function';
                }>;
              },
              z.core.$loose
            >,
            z.ZodDiscriminatedUnion<
              [
                z.ZodObject<
                  {
                    type: z.ZodLiteral<'code_interpreter'>;
                  },
                  z.core.$strict
                >,
                z.ZodObject<
                  {
                    type: z.ZodLiteral<'file_search'>;
                    file_search: z.ZodOptional<
                      z.ZodObject<
                        {
                          max_num_results: z.ZodOptional<z.ZodNumber>;
                          ranking_options: z.ZodOptional<
                            z.ZodObject<
                              {
                                score_threshold: z.ZodNumber;
                                ranker: z.ZodOptional<
                                  z.ZodEnum<{
                                    auto: 'auto';
                                    default_2024_08_21: 'default_2024_08_21';
                                  }>
                                >;
                              },
                              z.core.$strict
                            >
                          >;
                        },
                        z.core.$strict
                      >
                    >;
                  },
                  z.core.$strict
                >,
                z.ZodObject<
                  {
                    type: z.ZodLiteral<'function'>;
                    function: z.ZodObject<
                      {
                        name: z.ZodString;
                        description: z.ZodOptional<z.ZodString>;
                        parameters: z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodUnknown>>;
                        strict: z.ZodOptional<z.ZodNullable<z.ZodBoolean>>;
                      },
                      z.core.$strict
                    >;
                  },
                  z.core.$strict
                >,
              ],
              'type'
            >
          >
        >
      >
    >;
    tool_choice: z.ZodOptional<
      z.ZodNullable<
        z.ZodUnion<
          readonly [
            z.ZodEnum<{
              auto: 'auto';
              none: 'none';
              required: 'required';
            }>,
            z.ZodObject<
              {
                type: z.ZodLiteral<'function'>;
                function: z.ZodObject<
                  {
                    name: z.ZodString;
                  },
                  z.core.$strict
                >;
              },
              z.core.$strict
            >,
            z.ZodObject<
              {
                type: z.ZodEnum<{
                  code_interpreter: 'code_interpreter';
                  file_search: 'file_search';
                }>;
              },
              z.core.$strict
            >,
          ]
        >
      >
    >;
    parallel_tool_calls: z.ZodOptional<z.ZodBoolean>;
    response_format: z.ZodOptional<
      z.ZodNullable<
        z.ZodUnion<
          readonly [
            z.ZodLiteral<'auto'>,
            z.ZodObject<
              {
                type: z.ZodEnum<{
                  json_object: 'json_object';
                  text: 'text';
                }>;
              },
              z.core.$strict
            >,
            z.ZodObject<
              {
                type: z.ZodLiteral<'json_schema'>;
                json_schema: z.ZodObject<
                  {
                    name: z.ZodString;
                    description: z.ZodOptional<z.ZodString>;
                    schema: z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodUnknown>>;
                    strict: z.ZodOptional<z.ZodNullable<z.ZodBoolean>>;
                  },
                  z.core.$strict
                >;
              },
              z.core.$strict
            >,
          ]
        >
      >
    >;
    temperature: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
    top_p: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
    max_prompt_tokens: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
    max_completion_tokens: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
    truncation_strategy: z.ZodOptional<
      z.ZodNullable<
        z.ZodObject<
          {
            type: z.ZodEnum<{
              auto: 'auto';
              last_messages: 'last_messages';
            }>;
            last_messages: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
          },
          z.core.$strict
        >
      >
    >;
    metadata: z.ZodOptional<z.ZodNullable<z.ZodRecord<z.ZodString, z.ZodString>>>;
    stream: z.ZodOptional<z.ZodNullable<z.ZodBoolean>>;
    thread: z.ZodOptional<
      z.ZodObject<
        {
          messages: z.ZodOptional<
            z.ZodArray<
              z.ZodObject<
                {
                  role: z.ZodEnum<{
                    assistant: 'assistant';
                    user: 'user';
                  }>;
                  content: z.ZodUnion<
                    readonly [
                      z.ZodString,
                      z.ZodArray<
                        z.ZodPipe<
                          z.ZodObject<
                            {
                              type: z.ZodEnum<{
                                image_file: 'image_file';
                                image_url: 'image_url';
                                text: 'text';
                              }>;
                            },
                            z.core.$loose
                          >,
                          z.ZodDiscriminatedUnion<
                            [
                              z.ZodObject<
                                {
                                  type: z.ZodLiteral<'text'>;
                                  text: z.ZodString;
                                },
                                z.core.$strict
                              >,
                              z.ZodObject<
                                {
                                  type: z.ZodLiteral<'image_file'>;
                                  image_file: z.ZodObject<
                                    {
                                      file_id: z.ZodString;
                                      detail: z.ZodOptional<
                                        z.ZodEnum<{
                                          auto: 'auto';
                                          high: 'high';
                                          low: 'low';
                                        }>
                                      >;
                                    },
                                    z.core.$strict
                                  >;
                                },
                                z.core.$strict
                              >,
                              z.ZodObject<
                                {
                                  type: z.ZodLiteral<'image_url'>;
                                  image_url: z.ZodObject<
                                    {
                                      url: z.ZodURL;
                                      detail: z.ZodOptional<
                                        z.ZodEnum<{
                                          auto: 'auto';
                                          high: 'high';
                                          low: 'low';
                                        }>
                                      >;
                                    },
                                    z.core.$strict
                                  >;
                                },
                                z.core.$strict
                              >,
                            ],
                            'type'
                          >
                        >
                      >,
                    ]
                  >;
                  attachments: z.ZodOptional<
                    z.ZodNullable<
                      z.ZodArray<
                        z.ZodObject<
                          {
                            file_id: z.ZodString;
                            tools: z.ZodOptional<
                              z.ZodArray<
                                z.ZodObject<
                                  {
                                    type: z.ZodEnum<{
                                      code_interpreter: 'code_interpreter';
                                      file_search: 'file_search';
                                    }>;
                                  },
                                  z.core.$strict
                                >
                              >
                            >;
                          },
                          z.core.$strict
                        >
                      >
                    >
                  >;
                  metadata: z.ZodOptional<z.ZodNullable<z.ZodRecord<z.ZodString, z.ZodString>>>;
                },
                z.core.$strict
              >
            >
          >;
          tool_resources: z.ZodOptional<
            z.ZodNullable<
              z.ZodObject<
                {
                  code_interpreter: z.ZodOptional<
                    z.ZodObject<
                      {
                        file_ids: z.ZodOptional<z.ZodArray<z.ZodString>>;
                      },
                      z.core.$strict
                    >
                  >;
                  file_search: z.ZodOptional<
                    z.ZodObject<
                      {
                        vector_store_ids: z.ZodOptional<z.ZodArray<z.ZodString>>;
                      },
                      z.core.$strict
                    >
                  >;
                },
                z.core.$strict
              >
            >
          >;
          metadata: z.ZodOptional<z.ZodNullable<z.ZodRecord<z.ZodString, z.ZodString>>>;
        },
        z.core.$strict
      >
    >;
    tool_resources: z.ZodOptional<
      z.ZodNullable<
        z.ZodObject<
          {
            code_interpreter: z.ZodOptional<
              z.ZodObject<
                {
                  file_ids: z.ZodOptional<z.ZodArray<z.ZodString>>;
                },
                z.core.$strict
              >
            >;
            file_search: z.ZodOptional<
              z.ZodObject<
                {
                  vector_store_ids: z.ZodOptional<z.ZodArray<z.ZodString>>;
                },
                z.core.$strict
              >
            >;
          },
          z.core.$strict
        >
      >
    >;
  },
  z.core.$strict
>;
export type RunBody = z.output<typeof runSchema>;
export declare const submitSchema: z.ZodObject<
  {
    tool_outputs: z.ZodArray<
      z.ZodObject<
        {
          tool_call_id: z.ZodOptional<z.ZodString>;
          output: z.ZodOptional<z.ZodString>;
        },
        z.core.$strict
      >
    >;
    stream: z.ZodOptional<z.ZodNullable<z.ZodBoolean>>;
  },
  z.core.$strict
>;
export declare const metadataOnlySchema: z.ZodObject<
  {
    metadata: z.ZodOptional<z.ZodNullable<z.ZodRecord<z.ZodString, z.ZodString>>>;
  },
  z.core.$strict
>;
//# sourceMappingURL=bodies.d.ts.map
