import { act, fireEvent, render, screen } from '@testing-library/react';
import { StrictMode } from 'react';
import { expect, test } from 'vitest';
import { createFakeRoute, toTextRun } from '../../client/src/test-support/fake-route.ts';
import { useAssistant } from './use-assistant.ts';

function Chat({ fetch }: { fetch: typeof globalThis.fetch }) {
  const { messages, input, handleInputChange, handleSubmit, status } = useAssistant({ fetch });
  return (
    <form onSubmit={handleSubmit}>
      <p role="status">{status}</p>
      {messages.map(({ id, role, content }) => (
        <p key={id}>
          {role}: {content}
        </p>
      ))}
      <input aria-label="Message" value={input} onChange={handleInputChange} />
    </form>
  );
}

test('A typed message is sent and its answer is shown.', async () => {
  const route = createFakeRoute();
  render(<Chat fetch={route.fetch} />, { wrapper: StrictMode });
  fireEvent.change(screen.getByLabelText('Message'), { target: { value: 'Hello' } });
  fireEvent.submit(screen.getByLabelText('Message'));
  expect(screen.getByLabelText('Message')).toHaveProperty('value', '');
  const call = await route.next('POST ');
  await act(async () => call.stream().send(...toTextRun('Good day')));
  await screen.findByText('assistant: Good day');
  expect(screen.getByRole('status').textContent).toBe('ready');
});
