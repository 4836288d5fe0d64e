package io.guardbee.service.http;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.exc.InvalidNullException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads the JSON of requests. Every failure is {@link Reason#REQUEST_MALFORMED} and names field,
 * line and column, never a type of ours.
 */
public final class JsonBody {

  /** Where the parser speaks of its methods, and of a source that it does not show. */
  private static final Pattern PARSERS_OWN =
      Pattern.compile(",? (?:from|as) `[^`]*`| \\(start marker at .*");

  private static final String FIX = "send the JSON that the README shows";

  private JsonBody() {}

  /**
   * Reads what an operator sent. An unknown field is refused: a misspelled one would otherwise
   * change what is done.
   *
   * @throws RefusedException {@link Reason#REQUEST_MALFORMED}
   */
  public static <T> T ofOperator(JsonMapper json, byte[] body, Class<T> type) {
    return read(
        reader(json, type).with(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES), body, type);
  }

  /** The same, of a body that may be left out. */
  public static <T> T ofOperator(JsonMapper json, byte[] body, Class<T> type, T absent) {
    return isBlank(body) ? absent : ofOperator(json, body, type);
  }

  /**
   * Reads what a broker sent. Unknown fields are skipped: a broker may be newer than the service.
   *
   * @throws RefusedException {@link Reason#REQUEST_MALFORMED}
   */
  public static <T> T ofBroker(JsonMapper json, byte[] body, Class<T> type) {
    return read(
        reader(json, type).without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES), body, type);
  }

  private static ObjectReader reader(JsonMapper json, Class<?> type) {
    return json.readerFor(type)
        .with(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .with(
            DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
            DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  }

  private static <T> T read(ObjectReader reader, byte[] body, Class<T> type) {
    if (isBlank(body)) {
      throw malformed("the body is empty", FIX);
    }
    try (JsonParser parser = reader.createParser(body)) {
      return read(reader, parser, type);
    } catch (JacksonException e) { // the first octets tell the encoding
      throw malformed("the body is not JSON: " + plain(e), FIX);
    }
  }

  private static <T> T read(ObjectReader reader, JsonParser parser, Class<T> type) {
    try {
      @Nullable Object value = reader.readValue(parser);
      if (value == null) {
        throw malformed("the body is null", "send a JSON object");
      }
      return Objects.requireNonNull(type.cast(value));
    } catch (JacksonException e) {
      TokenStreamLocation where = e.getLocation();
      throw refusal(e, where == null || where.getLineNr() < 1 ? parser.currentLocation() : where);
    }
  }

  private static RefusedException refusal(JacksonException e, TokenStreamLocation where) {
    if (e.getCause() instanceof RefusedException refused) {
      return refused;
    }
    String place = place(e, where);
    if (e instanceof UnrecognizedPropertyException unknown) {
      return malformed(
          place + ": field " + Quoted.of(unknown.getPropertyName()) + " is unknown",
          "known here: " + names(unknown.getKnownPropertyIds()));
    }
    if (e instanceof StreamReadException || e instanceof StreamConstraintsException) {
      return malformed(place + ": " + plain(e), FIX);
    }
    return malformed(
        place
            + (e instanceof InvalidNullException
                ? ": a value is null"
                : ": a value is not of the kind that belongs there"),
        FIX);
  }

  /** Such as {@code the body, line 2 column 5, field "names[3]"}. */
  private static String place(JacksonException e, TokenStreamLocation where) {
    String place = "the body, line " + where.getLineNr() + " column " + where.getColumnNr();
    String path =
        e.getPath().stream()
            .map(
                part ->
                    part.getPropertyName() == null
                        ? "[" + part.getIndex() + "]"
                        : "." + part.getPropertyName())
            .collect(Collectors.joining());
    return path.isEmpty()
        ? place
        : place + ", field " + Quoted.of(path.startsWith(".") ? path.substring(1) : path);
  }

  private static String names(@Nullable Collection<Object> known) {
    return known == null
        ? "none"
        : known.stream().map(String::valueOf).sorted().collect(Collectors.joining(", "));
  }

  /** The parser's words, without its own names. */
  private static String plain(JacksonException e) {
    String message = String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("");
    return Quoted.line(PARSERS_OWN.matcher(message).replaceAll(""));
  }

  private static boolean isBlank(byte[] body) {
    return new String(body, StandardCharsets.ISO_8859_1).isBlank();
  }

  private static RefusedException malformed(String detail, String nextStep) {
    return new RefusedException(Reason.REQUEST_MALFORMED, detail, nextStep);
  }
}
