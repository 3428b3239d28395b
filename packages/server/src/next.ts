export * from './handler/public.ts';
