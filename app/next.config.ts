import type { NextConfig } from 'next';

const development = process.env.NODE_ENV === 'development';

// Nothing on this page comes from, or goes to, anywhere but here: fonts, pictures and requests are our own.
// Next writes its own inline scripts; React needs eval only for the stack traces of development.
const contentSecurityPolicy = [
  "default-src 'self'",
  `script-src 'self' 'unsafe-inline'${development ? " 'unsafe-eval'" : ''}`,
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' blob: data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const config: NextConfig = {
  poweredByHeader: false,
  // `npm test` checks the types of the whole workspace; whoever only starts the demo need not wait for it.
  typescript: { ignoreBuildErrors: true },
  // A fifth of a build goes into a cache that only the next one reads, and that one is turbo's if nothing has changed.
  experimental: { turbopackFileSystemCacheForBuild: false },
  headers: async () => [
    {
      // The route has headers of its own, stricter where it hands out files.
      source: '/((?!api/).*)',
      headers: [
        { key: 'Content-Security-Policy', value: contentSecurityPolicy },
        { key: 'Referrer-Policy', value: 'no-referrer' },
        { key: 'X-Content-Type-Options', value: 'nosniff' },
        { key: 'Permissions-Policy', value: 'camera=(), microphone=(), geolocation=()' },
      ],
    },
  ],
};

export default config;
