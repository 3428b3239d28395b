import type { AssistantClient, RequestOptions } from '@use-assistant/client';
import type { ChangeEvent, ClipboardEvent, DragEvent, SyntheticEvent } from 'react';
import type { AssistantActions } from './types.ts';

const emptyQueue: never[] = [];

/** The client's functions as components use them; made once for each client, so that they keep their identity. */
export function createActions(client: AssistantClient): AssistantActions {
  const handleSubmit = async (event?: Pick<SyntheticEvent, 'preventDefault'>, options?: RequestOptions) => {
    event?.preventDefault();
    await client.submit(options);
  };

  return {
    setMessages: client.setMessages,
    sendMessage: client.sendMessage,
    append: client.append,
    regenerate: client.regenerate,
    stop: client.stop,
    resumeStream: client.resumeStream,
    clearError: client.clearError,
    addToolOutput: client.addToolOutput,
    addToolResult: client.addToolOutput,
    addToolApprovalResponse: client.addToolApprovalResponse,
    setInput: client.setInput,
    handleInputChange: (event) => client.setInput(event.target.value),
    handleSubmit,
    submitMessage: handleSubmit,
    addFiles: client.addFiles,
    removeFile: client.removeFile,
    handleFileUpload(event: ChangeEvent<HTMLInputElement>) {
      const { target } = event;
      if (target.files) client.addFiles(target.files);
      // Picking the same file again must count as a change.
      target.value = '';
    },
    dropProps: {
      onDragOver(event: DragEvent) {
        if (Array.from(event.dataTransfer.types).includes('Files')) event.preventDefault();
      },
      onDrop(event: DragEvent) {
        const { files } = event.dataTransfer;
        if (files.length === 0) return;
        event.preventDefault();
        client.addFiles(files);
      },
    },
    pasteProps: {
      onPaste(event: ClipboardEvent) {
        const { files } = event.clipboardData;
        if (files.length === 0) return;
        event.preventDefault();
        client.addFiles(files);
      },
    },
    setThreadId: client.setThreadId,
    loadHistory: client.loadHistory,
    threads: client.threads,
    experimental_queuedMessages: emptyQueue,
    experimental_removeQueuedMessage: () => {},
    experimental_sendQueuedMessageNow: async () => {},
  };
}
