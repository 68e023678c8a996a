/**
 * A first tour, to be pasted into a shell as it is, again and again: needs nothing but curl and what POSIX brings.
 * @param url of the gateway
 */
export function quickstart(url: string): string {
  return `B=${url}
J='content-type: application/json'
field() { grep -o "\\"$1\\":\\"[^\\"]*\\"" | head -n 1 | cut -d '"' -f 4; }

# Sign up; the answer holds a token.
TOKEN=$(curl -s $B/v1/auth/signup -H "$J" -d "{\\"email\\":\\"you+$(date +%s)@example.com\\",\\"password\\":\\"$(head -c 18 /dev/urandom | base64)\\"}" | field access_token)
# A vault, and a secret in it.
VAULT=$(curl -s $B/v1/vaults -H "authorization: Bearer $TOKEN" -H "$J" -d '{"name":"first"}' | field id)
curl -s -X PUT $B/v1/vaults/$VAULT/secrets/prod/db/password -H "authorization: Bearer $TOKEN" -H "$J" -d '{"value":"hunter2","type":"password"}'; echo
# An agent that may read below prod/.
AGENT=$(curl -s $B/v1/agents -H "authorization: Bearer $TOKEN" -H "$J" -d '{"name":"deployer"}')
AGENT_ID=$(echo "$AGENT" | field id); AGENT_KEY=$(echo "$AGENT" | field api_key)
curl -s $B/v1/vaults/$VAULT/policies -H "authorization: Bearer $TOKEN" -H "$J" -d "{\\"secret_path_pattern\\":\\"prod/**\\",\\"principal_type\\":\\"agent\\",\\"principal_id\\":\\"$AGENT_ID\\",\\"permissions\\":[\\"read\\"]}"; echo
# The agent logs in with its key and reads the secret.
AGENT_TOKEN=$(curl -s $B/v1/auth/agent-token -H "$J" -d "{\\"agent_id\\":\\"$AGENT_ID\\",\\"api_key\\":\\"$AGENT_KEY\\"}" | field access_token)
curl -s $B/v1/vaults/$VAULT/secrets/prod/db/password -H "authorization: Bearer $AGENT_TOKEN"; echo
# Who did what.
curl -s "$B/v1/audit/events?limit=10" -H "authorization: Bearer $TOKEN"; echo
`;
}
