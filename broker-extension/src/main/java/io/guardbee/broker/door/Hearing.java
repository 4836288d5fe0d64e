package io.guardbee.broker.door;

import com.hivemq.extension.sdk.api.interceptor.pingreq.PingReqInboundInterceptor;
import com.hivemq.extension.sdk.api.interceptor.pingreq.parameter.PingReqInboundInput;
import com.hivemq.extension.sdk.api.interceptor.pingreq.parameter.PingReqInboundOutput;
import com.hivemq.extension.sdk.api.interceptor.puback.PubackInboundInterceptor;
import com.hivemq.extension.sdk.api.interceptor.puback.parameter.PubackInboundInput;
import com.hivemq.extension.sdk.api.interceptor.puback.parameter.PubackInboundOutput;
import com.hivemq.extension.sdk.api.interceptor.publish.PublishInboundInterceptor;
import com.hivemq.extension.sdk.api.interceptor.publish.parameter.PublishInboundInput;
import com.hivemq.extension.sdk.api.interceptor.publish.parameter.PublishInboundOutput;

/** Waits for a sign of life of a connection whose certificate came in from elsewhere since. */
record Hearing(LiveConnection connection, PacketWatch watch, CloneDesk clones)
    implements PingReqInboundInterceptor, PublishInboundInterceptor, PubackInboundInterceptor {

  @Override
  public void onInboundPingReq(PingReqInboundInput input, PingReqInboundOutput output) {
    heard();
  }

  @Override
  public void onInboundPublish(PublishInboundInput input, PublishInboundOutput output) {
    heard();
  }

  @Override
  public void onInboundPuback(PubackInboundInput input, PubackInboundOutput output) {
    heard();
  }

  private void heard() {
    if (clones.heard(connection)) {
      watch.stopListening(this);
    }
  }
}
