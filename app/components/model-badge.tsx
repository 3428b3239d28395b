/** Says which model answers; the offline one says that it is none. */
export function ModelBadge({ name, offline }: { name: string; offline: boolean }) {
  return (
    <p
      className="flex w-fit max-w-full items-center gap-2 rounded-full border border-line px-2.5 py-1 text-xs text-soft"
      title={offline ? 'Set OPENAI_API_KEY or OPENAI_BASE_URL to plug in a real model.' : undefined}
    >
      <span
        aria-hidden="true"
        className={`size-1.5 flex-none rounded-full ${offline ? 'bg-amber' : 'bg-accent'}`}
      />
      <span className="truncate">{offline ? 'Offline model: rules, no AI' : name}</span>
    </p>
  );
}
