package io.guardbee.service.audit;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.Instant;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What is to be on record. Never holds a secret. Values longer than {@value #LONGEST} characters
 * are cut: an entry has a bounded size whoever chose its words. Immutable.
 *
 * @param subject what it was done to, such as {@code device:d-1}
 * @param values what else there is to know, by name
 * @param address where it was asked for; null when nobody asked, or it is not known
 */
public record Entry(
    Instant time,
    Action action,
    Actor actor,
    String subject,
    SortedMap<String, String> values,
    @Nullable String address) {

  private static final int LONGEST = 1000;

  /** ASCII alone: the line is the same octets in every database and on every terminal. */
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  public Entry {
    SortedMap<String, String> bounded = new TreeMap<>();
    values.forEach((name, value) -> bounded.put(name, cut(value)));
    values = bounded;
    subject = cut(subject);
  }

  /** Without an address. */
  public static Entry of(
      Instant time, Action action, Actor actor, String subject, Map<String, String> values) {
    return new Entry(time, action, actor, subject, new TreeMap<>(values), null);
  }

  private static String cut(String text) {
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "\u2026";
  }

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonPropertyOrder({"time", "action", "actor", "address", "subject", "values"})
  private record Body(
      Instant time,
      String action,
      String actor,
      @Nullable String address,
      String subject,
      Map<String, String> values) {}

  /** The JSON object that becomes a {@link Line} with its number. */
  String body() {
    return JSON.writeValueAsString(
        new Body(time, action.toString(), cut(actor.toString()), address, subject, values));
  }
}
