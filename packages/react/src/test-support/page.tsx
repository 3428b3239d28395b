import { StrictMode, Suspense, lazy, useEffect, version } from 'react';
import { createRoot, hydrateRoot } from 'react-dom/client';
import { renderToReadableStream } from 'react-dom/server';
import { useAssistant } from '../index.ts';
import type { UseAssistantHelpers, UseAssistantOptions } from '../index.ts';

// Bundled by the matrix test with one React after another, so what it gives is what that React makes of it.
export { version };

interface PageProps {
  options: UseAssistantOptions;
  onRender: (assistant: UseAssistantHelpers) => void;
}

function Chat({ options, onRender }: PageProps) {
  const assistant = useAssistant(options);
  // What a render gives that is thrown away is nobody's.
  useEffect(() => onRender(assistant));
  const { id, messages, status, input, handleInputChange } = assistant;
  return (
    <section id={id} data-status={status}>
      {messages.map((message) => (
        <p key={message.id}>{message.content}</p>
      ))}
      <input value={input} onChange={handleInputChange} />
    </section>
  );
}

const Footer = () => <footer>late</footer>;
const createLate = () => lazy(() => Promise.resolve({ default: Footer }));

/** With `Late`, a part of the page comes later than the chat. */
export function Page({ Late, ...props }: PageProps & { Late?: ReturnType<typeof createLate> }) {
  return (
    <StrictMode>
      <Suspense fallback={<i>wait</i>}>
        <Chat {...props} />
        {Late && <Late />}
      </Suspense>
    </StrictMode>
  );
}

export async function renderOnServer(props: PageProps): Promise<string> {
  const stream = await renderToReadableStream(<Page {...props} Late={createLate()} />);
  await stream.allReady;
  return new Response(stream).text();
}

export function hydrate(
  container: Element,
  props: PageProps,
  onRecoverableError: (error: unknown) => void,
): { unmount(): void } {
  return hydrateRoot(container, <Page {...props} Late={createLate()} />, { onRecoverableError });
}

export function mount(container: Element, props: PageProps): { unmount(): void } {
  const root = createRoot(container);
  root.render(<Page {...props} />);
  return root;
}
