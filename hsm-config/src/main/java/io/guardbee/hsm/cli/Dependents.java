package io.guardbee.hsm.cli;

import io.guardbee.hsm.key.TokenKey;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Which certificates depend on which key: by the public key, since labels prove nothing. */
record Dependents(List<Dependent> all) {

  Dependents {
    all = List.copyOf(all);
  }

  /** Each certificate once per file. */
  List<Dependent> of(TokenKey key) {
    byte[] wanted = key.publicKey().getEncoded();
    return all.stream()
        .filter(dependent -> Arrays.equals(dependent.publicKey().getEncoded(), wanted))
        .distinct()
        .toList();
  }

  /** For a check: never a root's, and an authority's only where there is no other. */
  List<TokenKey> signers(List<TokenKey> keys) {
    return keys.stream()
        .filter(key -> of(key).stream().noneMatch(one -> one.role() == Dependent.Role.ROOT))
        .sorted(
            Comparator.<TokenKey, Boolean>comparing(
                    key -> of(key).stream().anyMatch(one -> one.role() == Dependent.Role.AUTHORITY))
                .thenComparing(TokenKey::label))
        .toList();
  }
}
