const MAX_NAME = 128;

export const DISPLAY_NAME_RULE = `must have at most ${MAX_NAME} characters, none of them control characters`;

export function isDisplayName(name: string): boolean {
  return [...name].length <= MAX_NAME && !/\p{Cc}/u.test(name);
}
