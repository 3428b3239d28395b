import type { ReactNode } from 'react';
import './chat.css';

export const metadata = { title: 'Math tutor' };

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
