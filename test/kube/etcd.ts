/** Drops every revision up to the current one, through etcd's JSON gateway. */
export async function compactEtcd(url: string): Promise<void> {
  const ask = async (path: string, body: object): Promise<{ readonly header?: { readonly revision?: string } }> => {
    const response = await fetch(`${url}/v3/kv/${path}`, { method: "POST", body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`etcd ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as { readonly header?: { readonly revision?: string } };
  };
  const revision = (await ask("range", { key: Buffer.from("/none").toString("base64") })).header?.revision;
  await ask("compaction", { revision, physical: true });
}
