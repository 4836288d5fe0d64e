package io.guardbee.service.api;

import io.javalin.http.Context;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Something that everybody may read and keep for a while (RFC 9110 §8.8, RFC 9111).
 *
 * @param tag tells it from what was there before and comes after
 * @param maxAge how long others may give it out without asking
 */
record Published(String type, String tag, Instant modified, Duration maxAge) {

  private static final DateTimeFormatter DATE =
      DateTimeFormatter.RFC_1123_DATE_TIME.withZone(ZoneOffset.UTC);

  /** Sends it, or that the caller's copy is as new (RFC 9110 §13.2.2). */
  void send(Context context, byte[] body) {
    context.disableCompression(); // the tag is of these very octets
    context
        .header("ETag", quoted())
        .header("Last-Modified", DATE.format(modified))
        .header("Cache-Control", "public, no-transform, max-age=" + maxAge.toSeconds());
    if (isThere(context.header("If-None-Match"), context.header("If-Modified-Since"))) {
      context.status(304);
    } else {
      context.contentType(type).result(body);
    }
  }

  private String quoted() {
    return "\"" + tag + "\"";
  }

  private boolean isThere(@Nullable String tags, @Nullable String since) {
    if (tags != null) {
      return Arrays.stream(tags.split(","))
          .map(one -> one.strip().replaceFirst("^W/", ""))
          .anyMatch(one -> one.equals(quoted()) || one.equals("*"));
    }
    try {
      return since != null
          && !modified.truncatedTo(ChronoUnit.SECONDS).isAfter(Instant.from(DATE.parse(since)));
    } catch (DateTimeException e) {
      return false; // RFC 9110 §13.1.3: ignore what is no date
    }
  }
}
