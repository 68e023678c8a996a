/** SQL: whether the user `u` has the second factor on. */
export const MFA_ENABLED = 'EXISTS (SELECT FROM totp_factors f WHERE f.user_id = u.id AND f.enabled_at IS NOT NULL)';
