import type { AssistantClient, RequestOptions } from '@use-assistant/client';
import type { ChangeEvent, ClipboardEvent, DragEvent, SyntheticEvent } from 'react';
import type { AssistantActions } from './types.ts';

/** The client's functions as components use them; made once for each client, so that they keep their identity. */
export function createActions(client: AssistantClient): AssistantActions {
  const handleSubmit = async (event?: Pick<SyntheticEvent, 'preventDefault'>, options?: RequestOptions) => {
    event?.preventDefault();
    await client.submit(options);
  };

  const takeFiles = (event: SyntheticEvent, { files, items }: DataTransfer) => {
    if (files.length === 0) return;
    event.preventDefault();
    // What is a folder can be learnt during the event only.
    const sources = Array.from(items ?? []).flatMap((item) => {
      const entry = item.webkitGetAsEntry?.();
      return entry?.isDirectory ? (entry as FileSystemDirectoryEntry) : (item.getAsFile() ?? []);
    });
    client.addFiles(sources.length > 0 ? sources : files);
  };

  return {
    // The client's functions are bound. Those between the client and the hook come along, and no type names them.
    ...client,
    addToolResult: client.addToolOutput,
    handleInputChange: (event) => client.setInput(event.target.value),
    handleSubmit,
    submitMessage: handleSubmit,
    handleFileUpload({ target }: ChangeEvent<HTMLInputElement>) {
      client.addFiles(target.files ?? []);
      // Picking the same file again must count as a change.
      target.value = '';
    },
    dropProps: {
      onDragOver(event: DragEvent) {
        if (event.dataTransfer.types.includes('Files')) event.preventDefault();
      },
      onDrop: (event: DragEvent) => takeFiles(event, event.dataTransfer),
    },
    pasteProps: { onPaste: (event: ClipboardEvent) => takeFiles(event, event.clipboardData) },
    experimental_removeQueuedMessage: client.removeQueuedMessage,
    experimental_sendQueuedMessageNow: client.sendQueuedMessageNow,
  };
}
