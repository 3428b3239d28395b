import type { AssistantChunk } from './chunks.ts';
import { orderError } from './part-list.ts';
import type { Part, PartList } from './part-list.ts';
import { parsePartialJson } from './partial-json.ts';
import { isRecord } from './shape.ts';

/** A chunk about a tool call. */
export type ToolChunk = Extract<AssistantChunk, { type: `tool-${string}` }>;
type ChunkOf<Type extends AssistantChunk['type']> = Extract<AssistantChunk, { type: Type }>;

/** The input of a call while it streams in. */
interface PartialInput {
  /** Of the part in the list. */
  slot: number;
  text: string;
  isText: boolean;
}

/** What a chunk says about a call; fields left out are taken off the part, save those that stay once set. */
interface CallUpdate {
  toolCallId: string;
  toolName: string;
  isDynamic: boolean;
  state: string;
  input?: unknown;
  rawInput?: unknown;
  inputEncoding?: unknown;
  output?: unknown;
  errorText?: unknown;
  preliminary?: unknown;
  /** These stay. */
  providerExecuted?: unknown;
  title?: unknown;
  toolMetadata?: unknown;
  callProviderMetadata?: unknown;
  resultProviderMetadata?: unknown;
}

const replacedFields = [
  'state',
  'input',
  'rawInput',
  'inputEncoding',
  'output',
  'errorText',
  'preliminary',
] as const;
const stayingFields = [
  'providerExecuted',
  'title',
  'toolMetadata',
  'callProviderMetadata',
  'resultProviderMetadata',
] as const;

/** The tool calls among the parts of one message. Calls are looked for in the current step first, then anywhere. */
export class ToolParts {
  readonly #parts: PartList;
  #partialInputs = new Map<string, PartialInput>();
  /** Those with deltas that the part does not show yet. */
  #unread = new Set<PartialInput>();
  #staticInStep = new Map<string, number>();
  #dynamicInStep = new Map<string, number>();
  #anywhere = new Map<string, number>();
  #byApproval = new Map<string, number>();

  constructor(parts: PartList) {
    this.#parts = parts;
    this.reindex();
    for (const slot of [...this.#staticInStep.values(), ...this.#dynamicInStep.values()]) {
      const part = this.#part(slot);
      if (part['state'] !== 'input-streaming') continue;
      const text = typeof part['rawInput'] === 'string' ? part['rawInput'] : '';
      this.#partialInputs.set(String(part['toolCallId']), {
        slot,
        text,
        isText: part['inputEncoding'] === 'text',
      });
    }
  }

  /** Begins a step: calls of earlier steps are found only where no call of this one has the id. */
  startStep(): void {
    this.#staticInStep.clear();
    this.#dynamicInStep.clear();
  }

  /** Finds the calls again after parts were taken back. */
  reindex(): void {
    const { parts } = this.#parts;
    const stepStart = parts.findLastIndex(({ type }) => type === 'step-start');
    this.startStep();
    this.#partialInputs.clear();
    this.#unread.clear();
    this.#anywhere.clear();
    this.#byApproval.clear();
    parts.forEach((part, slot) => {
      if (isToolPart(part)) this.#index(slot, slot > stepStart);
    });
  }

  /** Takes a chunk; one of a type that is not known yet changes nothing. */
  apply(chunk: ToolChunk): void {
    switch (chunk.type) {
      case 'tool-input-delta':
        return this.#appendInput(chunk.toolCallId, chunk.inputTextDelta);
      case 'tool-input-start':
        return this.#startInput(chunk);
      case 'tool-input-available':
        return this.#setInput(chunk);
      case 'tool-input-error':
        return this.#setInputError(chunk);
      case 'tool-approval-request':
        return this.#requestApproval(chunk);
      case 'tool-approval-response':
        return this.#answerApproval(chunk);
      case 'tool-output-available':
        return this.#setOutput(chunk);
      case 'tool-output-error':
        return this.#setOutputError(chunk);
      case 'tool-output-denied':
        return this.#deny(chunk);
    }
  }

  #startInput(chunk: ChunkOf<'tool-input-start'>): void {
    const slot = this.#update({
      ...callOf(chunk),
      state: 'input-streaming',
      inputEncoding: chunk.inputEncoding ?? undefined,
      callProviderMetadata: chunk.providerMetadata ?? undefined,
    });
    this.#partialInputs.set(chunk.toolCallId, { slot, text: '', isText: chunk.inputEncoding === 'text' });
  }

  /** Appends only: JSON is read when somebody looks, not at every delta. */
  #appendInput(toolCallId: string, delta: string): void {
    const partial = this.#partialInputs.get(toolCallId);
    if (!partial) throw orderError(`tool-input-delta for "${toolCallId}" came without its tool-input-start.`);
    partial.text += delta;
    this.#parts.write(partial.slot);
    this.#unread.add(partial);
  }

  #setInput(chunk: ChunkOf<'tool-input-available'>): void {
    this.#update({
      ...callOf(chunk),
      state: 'input-available',
      input: chunk.input,
      callProviderMetadata: chunk.providerMetadata ?? undefined,
    });
  }

  #setInputError(chunk: ChunkOf<'tool-input-error'>): void {
    const existing = this.#inStep(chunk.toolCallId);
    this.#update({
      ...callOf(chunk),
      title: undefined,
      // A part that tool-input-start made keeps its kind, whatever the flag says.
      isDynamic:
        existing === undefined ? chunk.dynamic === true : this.#part(existing).type === 'dynamic-tool',
      state: 'output-error',
      input: chunk.input,
      errorText: chunk.errorText,
      resultProviderMetadata: chunk.providerMetadata ?? undefined,
    });
  }

  #requestApproval(chunk: ChunkOf<'tool-approval-request'>): void {
    const slot = this.#find(chunk.toolCallId, chunk.type);
    this.#readInput(slot);
    const part = this.#parts.write(slot);
    part['state'] = 'approval-requested';
    part['approval'] = defined({
      id: chunk.approvalId,
      descriptor: chunk.approvalDescriptor ?? undefined,
      inputSchemaInput: chunk.inputSchemaInput,
      requestReason: chunk.reason ?? undefined,
      isAutomatic: chunk.isAutomatic === true ? true : undefined,
      signature: chunk.signature ?? undefined,
    });
    this.#byApproval.set(chunk.approvalId, slot);
  }

  #answerApproval(chunk: ChunkOf<'tool-approval-response'>): void {
    const slot = this.#byApproval.get(chunk.approvalId);
    if (slot === undefined)
      throw orderError(`tool-approval-response for "${chunk.approvalId}" came without its request.`);
    this.#readInput(slot);
    const part = this.#parts.write(slot);
    part['state'] = 'approval-responded';
    part['approval'] = {
      ...(part['approval'] as object),
      ...defined({ id: chunk.approvalId, approved: chunk.approved, reason: chunk.reason ?? undefined }),
    };
    if (chunk.providerExecuted !== undefined && chunk.providerExecuted !== null) {
      part['providerExecuted'] = chunk.providerExecuted;
    }
    if (chunk.providerMetadata) part['callProviderMetadata'] = chunk.providerMetadata;
  }

  #setOutput(chunk: ChunkOf<'tool-output-available'>): void {
    const slot = this.#find(chunk.toolCallId, chunk.type);
    const part = this.#readInput(slot);
    this.#update(
      {
        ...identityOf(part),
        state: 'output-available',
        input: part['input'],
        output: chunk.output,
        preliminary: chunk.preliminary ?? undefined,
        providerExecuted: chunk.providerExecuted ?? undefined,
        toolMetadata: chunk.toolMetadata ?? undefined,
        resultProviderMetadata: chunk.providerMetadata ?? undefined,
      },
      slot,
    );
  }

  #setOutputError(chunk: ChunkOf<'tool-output-error'>): void {
    const slot = this.#find(chunk.toolCallId, chunk.type);
    const part = this.#readInput(slot);
    const identity = identityOf(part);
    this.#update(
      {
        ...identity,
        state: 'output-error',
        input: part['input'],
        rawInput: identity.isDynamic ? undefined : part['rawInput'],
        errorText: chunk.errorText,
        providerExecuted: chunk.providerExecuted ?? undefined,
        toolMetadata: chunk.toolMetadata ?? undefined,
        resultProviderMetadata: chunk.providerMetadata ?? undefined,
      },
      slot,
    );
  }

  #deny(chunk: ChunkOf<'tool-output-denied'>): void {
    const slot = this.#find(chunk.toolCallId, chunk.type);
    this.#readInput(slot);
    this.#parts.write(slot)['state'] = 'output-denied';
  }

  /** Brings the inputs that have grown since the last snapshot into their parts. */
  readInputs(): void {
    for (const partial of this.#unread) this.#read(partial);
  }

  #read(partial: PartialInput): void {
    this.#unread.delete(partial);
    const part = this.#parts.write(partial.slot);
    part['state'] = 'input-streaming';
    part['rawInput'] = partial.text;
    const input = partial.isText ? partial.text : parsePartialJson(partial.text);
    if (input === undefined) delete part['input'];
    else part['input'] = input;
  }

  #readInput(slot: number): Part {
    for (const partial of this.#unread) if (partial.slot === slot) this.#read(partial);
    return this.#part(slot);
  }

  #part(slot: number): Part {
    return this.#parts.parts[slot]!;
  }

  #update(update: CallUpdate, existing?: number): number {
    const { isDynamic, toolName, ...fields } = update;
    const slot = existing ?? (isDynamic ? this.#dynamicInStep : this.#staticInStep).get(update.toolCallId);
    if (slot === undefined) {
      const type = isDynamic ? 'dynamic-tool' : `tool-${toolName}`;
      const added = this.#parts.add({ type, ...(isDynamic && { toolName }), ...defined(fields) });
      this.#index(added, true);
      return added;
    }
    // What streamed in before is superseded by now.
    for (const partial of this.#unread) if (partial.slot === slot) this.#unread.delete(partial);
    const part = this.#parts.write(slot);
    if (isDynamic) part['toolName'] = toolName;
    else part.type = `tool-${toolName}`;
    for (const field of replacedFields) {
      if (fields[field] === undefined) delete part[field];
      else part[field] = fields[field];
    }
    for (const field of stayingFields) if (fields[field] !== undefined) part[field] = fields[field];
    return slot;
  }

  #inStep(toolCallId: string): number | undefined {
    return this.#staticInStep.get(toolCallId) ?? this.#dynamicInStep.get(toolCallId);
  }

  #find(toolCallId: string, chunkType: string): number {
    const slot = this.#inStep(toolCallId) ?? this.#anywhere.get(toolCallId);
    if (slot === undefined)
      throw orderError(`${chunkType} names the tool call "${toolCallId}", which has not begun.`);
    return slot;
  }

  #index(slot: number, isInStep: boolean): void {
    const part = this.#part(slot);
    const toolCallId = String(part['toolCallId']);
    const step = part.type === 'dynamic-tool' ? this.#dynamicInStep : this.#staticInStep;
    if (isInStep && !step.has(toolCallId)) step.set(toolCallId, slot);
    this.#anywhere.set(toolCallId, slot);
    const { approval } = part;
    if (isRecord(approval) && typeof approval['id'] === 'string') this.#byApproval.set(approval['id'], slot);
  }
}

function isToolPart(part: Part): boolean {
  return part.type === 'dynamic-tool' || part.type.startsWith('tool-');
}

function callOf(chunk: ChunkOf<'tool-input-start' | 'tool-input-available' | 'tool-input-error'>) {
  return {
    toolCallId: chunk.toolCallId,
    toolName: chunk.toolName,
    isDynamic: chunk.dynamic === true,
    providerExecuted: chunk.providerExecuted ?? undefined,
    title: chunk.title ?? undefined,
    toolMetadata: chunk.toolMetadata ?? undefined,
  };
}

function identityOf(part: Part) {
  const isDynamic = part.type === 'dynamic-tool';
  return {
    toolCallId: String(part['toolCallId']),
    toolName: isDynamic ? String(part['toolName']) : part.type.slice('tool-'.length),
    isDynamic,
  };
}

function defined(fields: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
