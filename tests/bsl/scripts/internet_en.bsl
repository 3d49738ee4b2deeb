// The same in English.
Proxy = New InternetProxy(False);
Proxy.Set("https", "proxy.local", 8080);
Message(Proxy.Server("https") + ":" + Format(Proxy.Port("https"), "NG=0") + " " + Proxy.UseOSAuthentication("https"));
Proxy.BypassProxyOnLocal = True;
Proxy.BypassProxyOnAddresses.Add("10.*");
Message(Proxy.BypassProxyOnAddresses.Count());
Proxy.User = "user";
Message(Proxy.User + " " + Proxy.User("https"));
Certificate = New FileClientCertificate("client.p12");
Message(TypeOf(Certificate) = Type("СертификатКлиентаФайл"));
Request = New HTTPRequest("/path");
Request.Headers.Insert("A", "b");
Request.ResourceAddress = "/other";
Request.SetBodyFromString("text", TextEncoding.UTF8, ByteOrderMarkUsage.DontUse);
Message(Request.ResourceAddress + " " + Request.Headers["A"] + " " + Request.GetBodyAsString());
