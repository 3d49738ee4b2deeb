// First requests. Paste into a code console or a server procedure and run it on the 1C server.
// It needs the common module HTTPConnector and its template with the add-in: see 1c/README.md, "Ten minutes".
// What must be printed is in quickstart_en.out.

Address = "https://httpbin.org"; // an open server for trying things out: it answers with what it got

// Whether the add-in attaches. If not, the key Error says why and what to do.
Facts = HTTPConnector.Diagnostics();
If Facts.Error <> "" Then
	Raise Facts.Error;
EndIf;
Message(StrTemplate("Add-in %1 is attached: %2", Facts.AddInVersion, Facts.PlatformType));

// GET. An array repeats the parameter; letters and spaces are encoded, gzip and redirects handled for you.
Filter = New Structure("status, city", StrSplit("new,paid", ","), "São Paulo");
Response = HTTPConnector.Get(Address + "/get", Filter);
Message(StrTemplate("GET: %1, %2", Response.StatusCode, Response.Headers["Content-Type"]));

// Read the body by what you need: AsJson, AsText, AsBinaryData, AsXDTO.
Data = HTTPConnector.AsJson(Response);
Message("The server got: " + StrConcat(Data["args"]["status"], ", ") + "; " + Data["args"]["city"]);

// The same in one line. A JSON object is a Map.
Data = HTTPConnector.GetJson(Address + "/get", Filter);
Message("GetJson: " + Data["args"]["city"]);

// JSON there and back: structures, arrays, numbers and dates are written and read for you.
Order = New Structure("Number, Amount, Date", "SO-0001", 1500.5, '20260131');
Order.Insert("Goods", StrSplit("table,chair", ","));
Accepted = HTTPConnector.PostJson(Address + "/post", Order)["json"];
Message(StrTemplate("PostJson: order %1 of %2, goods: %3", Accepted["Number"], Accepted["Date"], Accepted["Goods"].Count()));

// A form: a structure in place of text.
Response = HTTPConnector.Post(Address + "/post", New Structure("name, consent", "John", True));
Fields = HTTPConnector.AsJson(Response)["form"];
Message(StrTemplate("Form: name %1, consent %2", Fields["name"], Fields["consent"]));

// A file and fields beside it (multipart/form-data).
Scan = GetBinaryDataFromString("Invoice No. 5");
Parameters = HTTPConnector.NewParameters();
Parameters.Files.Add(HTTPConnector.NewFileToSend("scan", "invoice.txt", Scan, "text/plain"));
Parameters.Data = New Structure("remark", "check before noon");
Accepted = HTTPConnector.AsJson(HTTPConnector.Post(Address + "/post", , Parameters));
Message(StrTemplate("File: %1; %2", Accepted["files"]["scan"], Accepted["form"]["remark"]));

// Straight into a file on the server: the body takes no memory, however long it is.
FileName = GetTempFileName("bin");
HTTPConnector.Get(Address + "/bytes/100000", , New Structure("OutputFile", FileName));
Loaded = New File(FileName);
Message(StrTemplate("Into a file: %1 bytes", Format(Loaded.Size(), "NG=0")));
DeleteFiles(FileName);

// A session: cookies, common headers, credentials and open connections of several requests.
Session = HTTPConnector.NewSession();
Session.Headers.Insert("X-Client", "1C");
Session.Authentication = HTTPConnector.NewAuthenticationBasic("user", "pass");
HTTPConnector.Get(Address + "/cookies/set/basket/42", , , Session);
Basket = HTTPConnector.GetJson(Address + "/cookies", , , Session)["cookies"]["basket"];
Entry = HTTPConnector.GetJson(Address + "/basic-auth/user/pass", , , Session);
Message(StrTemplate("Session: basket %1, user %2", Basket, Entry["user"]));

// Repeats: a broken connection, a status from 500, Retry-After. This server is always busy, so it was sent three times.
Parameters = New Structure("MaximumNumberOfRetries, ExponentialDelayRatio", 2, 0.1);
Response = HTTPConnector.Get(Address + "/status/503", , Parameters);
Message("With repeats: " + HTTPConnector.HTTPStatusCodePresentation(Response.StatusCode));

// 404 and 500 are responses, not exceptions. To make them exceptions: this ...
Response = HTTPConnector.Get(Address + "/status/404");
If Response.StatusCode >= 400 Then
	Message(HTTPConnector.AsException(Response, "There is no such order")); // usually: Raise AsException(...)
EndIf;

// ... or one key:
Try
	HTTPConnector.Get(Address + "/status/500", , New Structure("ExceptionOnErrorCode", True));
Except
	Message("Exception: " + StrGetLine(BriefErrorDescription(ErrorInfo()), 2));
EndTry;

// A failure (no connection, time is up, an unknown certificate) is always an exception: what, where and why.
Try
	HTTPConnector.Get(Address + "/delay/5", , New Structure("Timeout", 0.5));
Except
	Message("Exception: " + BriefErrorDescription(ErrorInfo()));
EndTry;
