/** The mark: two ends and what travels between them. */
export function BrandMark({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" className="flex-none">
      <rect width="32" height="32" rx="9" className="fill-accent" />
      <path
        d="M7 16h18"
        className="stroke-on-accent"
        strokeOpacity=".45"
        strokeWidth="2"
        strokeLinecap="round"
      />
      <circle cx="8.5" cy="16" r="3" className="fill-on-accent" />
      <circle cx="23.5" cy="16" r="3" className="fill-on-accent" />
      <circle cx="16" cy="16" r="5" className="fill-on-accent stroke-accent" strokeWidth="1.8" />
    </svg>
  );
}
