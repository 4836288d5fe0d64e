package io.guardbee.broker.door;

import com.hivemq.extension.sdk.api.client.ClientContext;
import com.hivemq.extension.sdk.api.client.parameter.InitializerInput;
import com.hivemq.extension.sdk.api.services.intializer.ClientInitializer;

/** Gets hold of each connection's context, once HiveMQ has let it in, before the CONNACK. */
record Arrivals(LiveConnections live, PacketWatch.Watchmen watchmen, CrowdedSubscribe crowded)
    implements ClientInitializer {

  @Override
  public void initialize(InitializerInput input, ClientContext context) {
    context.addSubscribeInboundInterceptor(crowded);
    LiveConnection connection =
        input
            .getConnectionInformation()
            .getConnectionAttributeStore()
            .getAsString(ConnectCheck.NUMBER)
            .map(number -> live.numbered(Long.parseLong(number)))
            .orElse(null);
    if (connection == null) {
      context.getDefaultPermissions().clear(); // has ended already
    } else if (connection.grip() instanceof HiveMqGrip grip) {
      grip.enter(new PacketWatch(connection, context, watchmen));
    }
  }
}
