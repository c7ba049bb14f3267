/** The product mark: an N drawn as the path of a piece of work, ending at the point where a person takes over. */
export function Logo({ size = 26 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false" style={{ flex: 'none' }}>
      <rect width="32" height="32" rx="8" fill="#0f7480" />
      <path
        d="M10 23V10.5L22 21.5V15"
        fill="none"
        stroke="#fff"
        strokeWidth="3"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <circle cx="22" cy="9.5" r="2.4" fill="#8fe3e0" />
    </svg>
  );
}
