package io.guardbee.service.audit;

import io.guardbee.pki.Fingerprint;
import io.guardbee.service.config.Config;
import io.guardbee.service.config.Settings;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Changes that are made in files while the service may not run. Belongs to one transaction. */
final class SinceLastStart {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String CONFIGURATION = "configuration";

  private final Handle tx;
  private final Instant now;

  SinceLastStart(Handle tx, Instant now) {
    this.tx = tx;
    this.now = now;
  }

  void record(Config config, List<HeldCeremony> ceremonies) {
    configuration(config);
    ceremonies.forEach(this::ceremony);
  }

  private void configuration(Config config) {
    SortedMap<String, String> settings = new TreeMap<>();
    flatten("", JSON.valueToTree(config), settings);
    String text = JSON.writeValueAsString(settings);
    Optional<String> known = known(CONFIGURATION);
    if (known.isPresent() && known.get().equals(text)) {
      return;
    }
    String keys =
        known
            .map(before -> String.join(" ", changed(read(before), settings)))
            .orElse("all: the first start");
    know(CONFIGURATION, text, known.isPresent());
    Audit.record(
        tx,
        Entry.of(
            now,
            Action.CONFIGURATION_CHANGED,
            Actor.SERVICE,
            CONFIGURATION,
            Map.of(
                "changed",
                keys,
                "settings",
                Fingerprint.of(text.getBytes(StandardCharsets.UTF_8)).toString())));
  }

  private static void flatten(String path, JsonNode node, SortedMap<String, String> into) {
    if (!node.isObject()) {
      into.put(path, Settings.masked(node.toString()));
      return;
    }
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      flatten(
          path.isEmpty() ? field.getKey() : path + "." + field.getKey(), field.getValue(), into);
    }
  }

  private static SortedSet<String> changed(Map<String, String> before, Map<String, String> after) {
    SortedSet<String> keys = new TreeSet<>(before.keySet());
    keys.addAll(after.keySet());
    keys.removeIf(key -> Objects.equals(before.get(key), after.get(key)));
    return keys;
  }

  private static Map<String, String> read(String settings) {
    return JSON.readValue(settings, new TypeReference<TreeMap<String, String>>() {});
  }

  private void ceremony(HeldCeremony held) {
    String name = "ceremony " + held.record();
    if (known(name).isPresent()) {
      return;
    }
    know(name, held.kind(), false);
    Audit.record(
        tx,
        Entry.of(
            now,
            Action.CEREMONY_HELD,
            Actor.SERVICE,
            "ceremony:" + held.number(),
            Map.of(
                "kind",
                held.kind(),
                "held",
                held.time(),
                "state",
                held.state(),
                "record",
                held.record().toString())));
  }

  private Optional<String> known(String name) {
    return tx.createQuery("select state from audit_known where name = :name")
        .bind("name", name)
        .mapTo(String.class)
        .findOne();
  }

  private void know(String name, String state, boolean replace) {
    tx.execute(
        replace
            ? "update audit_known set state = ? where name = ?"
            : "insert into audit_known (state, name) values (?, ?)",
        state,
        name);
  }
}
