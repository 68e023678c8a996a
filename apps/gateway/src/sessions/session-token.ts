/** `typ` of the tokens that people and agents hold; keeps them apart from every other kind of token that auth-svc signs. */
export const SESSION_TOKEN_TYP = 'JWT';
