/**
 * A first tour, to be pasted into a shell as it is, again and again: needs curl and what every Unix brings. Titles are
 * commands, as an interactive zsh takes no comments.
 * @param url of the gateway
 */
export function quickstart(url: string): string {
  return String.raw`B=${url}; J='content-type: application/json'
field() { grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }
echo '--- a person signs up, makes a vault and puts a secret into it'
TOKEN=$(curl -s $B/v1/auth/signup -H "$J" -d "{\"email\":\"you+$(date +%s)@example.com\",\"password\":\"$(head -c 18 /dev/urandom | base64)\"}" | field access_token)
VAULT=$(curl -s $B/v1/vaults -H "authorization: Bearer $TOKEN" -H "$J" -d '{"name":"first"}' | field id)
curl -s -X PUT $B/v1/vaults/$VAULT/secrets/prod/db/password -H "authorization: Bearer $TOKEN" -H "$J" -d '{"value":"hunter2","type":"password"}'; echo
echo '--- registers an agent, and lets it read below prod/'
AGENT=$(curl -s $B/v1/agents -H "authorization: Bearer $TOKEN" -H "$J" -d '{"name":"deployer"}')
AGENT_ID=$(echo "$AGENT" | field id); AGENT_KEY=$(echo "$AGENT" | field api_key)
curl -s $B/v1/vaults/$VAULT/policies -H "authorization: Bearer $TOKEN" -H "$J" -d "{\"secret_path_pattern\":\"prod/**\",\"principal_type\":\"agent\",\"principal_id\":\"$AGENT_ID\",\"permissions\":[\"read\"]}"; echo
echo '--- the agent logs in with its key and reads the secret'
AGENT_TOKEN=$(curl -s $B/v1/auth/agent-token -H "$J" -d "{\"agent_id\":\"$AGENT_ID\",\"api_key\":\"$AGENT_KEY\"}" | field access_token)
curl -s $B/v1/vaults/$VAULT/secrets/prod/db/password -H "authorization: Bearer $AGENT_TOKEN"; echo
echo '--- the audit trail, a moment later: who did what, newest first'
sleep 1; curl -s $B/v1/audit/events -H "authorization: Bearer $TOKEN" | grep -oE '"(actor_type|action)":"[^"]*"' | paste - -
`;
}
