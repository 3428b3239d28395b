/** Holds a random name, which nobody else can guess and no script can read. */
export const visitorCookie = 'next-chat-visitor';
