package io.guardbee.service.approval;

import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import org.jspecify.annotations.Nullable;

/** An answer's body in memory, cut off when it grows beyond what an answer needs. */
final class BoundedBody implements BodySubscriber<byte[]> {

  private static final int LARGEST = 16_384;

  private final BodySubscriber<byte[]> octets = BodySubscribers.ofByteArray();
  private @Nullable Subscription subscription;
  private int length;

  @Override
  public CompletionStage<byte[]> getBody() {
    return octets.getBody();
  }

  @Override
  public void onSubscribe(Subscription given) {
    subscription = given;
    octets.onSubscribe(given);
  }

  @Override
  public void onNext(List<ByteBuffer> part) {
    length += part.stream().mapToInt(ByteBuffer::remaining).sum();
    if (length > LARGEST && subscription != null) {
      subscription.cancel();
      octets.onError(new IOException("the answer has more than " + LARGEST + " octets"));
    } else {
      octets.onNext(part);
    }
  }

  @Override
  public void onError(Throwable failure) {
    octets.onError(failure);
  }

  @Override
  public void onComplete() {
    octets.onComplete();
  }
}
