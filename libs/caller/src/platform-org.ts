/** The org of those who run an installation: its owners and admins administer all others. There is one, under this id, in each. */
export const PLATFORM_ORG_ID = '00000000-0000-7000-8000-000000000001';
