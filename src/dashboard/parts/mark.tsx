/** Water that goes over a step. */
export function Mark() {
  return (
    <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#0b6b75" />
      <path d="M5 10h9c4 0 3 12 7 12h6" fill="none" stroke="#fff" strokeWidth="3" strokeLinecap="round" />
      <path d="M5 16h6c3 0 3 10 7 11" fill="none" stroke="#8fd3d6" strokeWidth="2.4" strokeLinecap="round" />
    </svg>
  );
}
