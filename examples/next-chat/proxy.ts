import { NextResponse, type NextRequest } from 'next/server';
import { visitorCookie } from './lib/visitor-cookie.ts';

/** Gives every new visitor a name that only their browser knows, with the page: the first request of the chat has it then. */
export function proxy(request: NextRequest): NextResponse {
  const response = NextResponse.next();
  if (!request.cookies.has(visitorCookie)) {
    response.cookies.set(visitorCookie, crypto.randomUUID(), {
      httpOnly: true,
      sameSite: 'lax',
      secure: request.nextUrl.protocol === 'https:',
      maxAge: 60 * 60 * 24 * 365,
    });
  }
  return response;
}

export const config = { matcher: '/' };
