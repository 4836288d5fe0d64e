package io.guardbee.hsm.check;

import io.guardbee.hsm.check.HealthReport.Ability;
import io.guardbee.hsm.key.KeyType;
import io.guardbee.hsm.key.Keys;
import io.guardbee.pki.RefusedException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a token can do against what Guardbee asks, by the module's own list of mechanisms. */
final class Abilities {

  /** What the authorities, the HTTPS server and the devices have by default. */
  private static final KeyType NEEDED = KeyType.EC_P256;

  private final Keys keys;

  Abilities(Keys keys) {
    this.keys = keys;
  }

  List<Ability> all() {
    return Arrays.stream(KeyType.values()).map(this::of).toList();
  }

  private Ability of(KeyType type) {
    List<String> missing = new ArrayList<>();
    generation(type).ifPresent(refusal -> missing.add(refusal.detail()));
    Map<String, String> signs = new LinkedHashMap<>();
    for (Scheme scheme : Scheme.of(type)) {
      try {
        signs.put(scheme.name(), keys.mechanism(scheme.kind()));
      } catch (RefusedException e) {
        missing.add(e.detail());
      }
    }
    return new Ability(
        type.toString(), type == NEEDED, keys.canGenerate(type), signs, List.copyOf(missing));
  }

  private Optional<RefusedException> generation(KeyType type) {
    try {
      keys.requireMechanism(type);
      return Optional.empty();
    } catch (RefusedException e) {
      return Optional.of(e);
    }
  }

  /** Why Guardbee cannot work with this token; empty when it can. */
  List<RefusedException> needs() {
    List<RefusedException> needs = new ArrayList<>();
    generation(NEEDED).ifPresent(needs::add);
    for (Scheme scheme : Scheme.of(NEEDED)) {
      try {
        keys.mechanism(scheme.kind());
      } catch (RefusedException e) {
        needs.add(e);
      }
    }
    return needs;
  }

  /** The schemes that the module has a mechanism for. */
  List<Scheme> schemes(KeyType type) {
    Map<String, String> signs = of(type).signs();
    return Scheme.of(type).stream().filter(scheme -> signs.containsKey(scheme.name())).toList();
  }
}
