/** Stands for ServiceNow on its tile. A neutral drawing, not the vendor's logo. */
export function ServiceNowMark({ size = 40 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 40 40" aria-hidden="true" focusable="false" style={{ flex: 'none' }}>
      <rect width="40" height="40" rx="10" fill="#0b3b2e" />
      <path
        d="M11.4 27.2a11 11 0 1 1 17.2 0 2.2 2.2 0 0 1-3 .4 9.6 9.6 0 0 0-11.2 0 2.2 2.2 0 0 1-3-.4Z"
        fill="none"
        stroke="#7ee2b0"
        strokeWidth="3"
        strokeLinejoin="round"
      />
    </svg>
  );
}
