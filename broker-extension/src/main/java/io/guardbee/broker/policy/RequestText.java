package io.guardbee.broker.policy;

import io.guardbee.broker.policy.Request.Kind;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads a request; what follows the topic is read from its end, since topics may hold spaces. */
final class RequestText {

  private static final Pattern QOS = Pattern.compile(" +qos +([012])$");
  private static final Pattern RETAIN = Pattern.compile(" +retain$");
  private static final Pattern SHARED = Pattern.compile(" +shared$");
  private static final Set<Integer> ANY_QOS = Set.of(0, 1, 2);

  private final String text;
  private String rest;
  private Set<Integer> qos = ANY_QOS;
  private boolean retain;
  private boolean shared;

  private RequestText(String text, String rest) {
    this.text = text;
    this.rest = rest;
  }

  static @Nullable Kind kindOf(String text) {
    int space = text.indexOf(' ');
    return switch (space < 0 ? text : text.substring(0, space)) {
      case "publish" -> Kind.PUBLISH;
      case "subscribe" -> Kind.SUBSCRIBE;
      case "connect" -> Kind.CONNECT;
      default -> null;
    };
  }

  static Request parse(String text) {
    String stripped = text.strip();
    Kind kind = kindOf(stripped);
    int space = stripped.indexOf(' ');
    if (kind == null || space < 0 || stripped.length() > Bounds.TEXT) {
      throw Request.refused(text);
    }
    RequestText reading = new RequestText(stripped, stripped.substring(space).strip());
    return kind == Kind.CONNECT ? reading.connect() : reading.topic(kind);
  }

  private Request connect() {
    return new Request(Kind.CONNECT, text, rest, Set.of(), Set.of());
  }

  private Request topic(Kind kind) {
    boolean more = true;
    while (more) {
      more = takeQos() || takeRetain() || takeShared();
    }
    if (kind == Kind.PUBLISH ? shared : retain) {
      throw Request.refused(text);
    }
    return kind == Kind.PUBLISH
        ? Request.publish(text, rest, qos, retain)
        : Request.subscribe(text, rest, qos, shared);
  }

  private boolean takeQos() {
    Matcher matcher = QOS.matcher(rest);
    if (!qos.equals(ANY_QOS) || !matcher.find()) {
      return false;
    }
    qos = Set.of(Integer.valueOf(String.valueOf(matcher.group(1))));
    rest = rest.substring(0, matcher.start());
    return true;
  }

  private boolean takeRetain() {
    Matcher matcher = RETAIN.matcher(rest);
    if (retain || !matcher.find()) {
      return false;
    }
    retain = true;
    rest = rest.substring(0, matcher.start());
    return true;
  }

  private boolean takeShared() {
    Matcher matcher = SHARED.matcher(rest);
    if (shared || !matcher.find()) {
      return false;
    }
    shared = true;
    rest = rest.substring(0, matcher.start());
    return true;
  }
}
